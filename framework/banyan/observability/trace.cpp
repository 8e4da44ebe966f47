#include <banyan/observability/trace.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace banyan {
namespace {

constexpr std::size_t size_in_version_00 = 55;

// Lower case only, by the specification.
bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::uint64_t number(std::string_view digits) {
  std::uint64_t n = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), n, 16);
  return n;
}

void append_hex(std::string& out, std::uint64_t n) {
  std::array<char, 16> digits;
  for (std::size_t i = 0; i < digits.size(); ++i) digits[i] = "0123456789abcdef"[(n >> (60 - 4 * i)) & 15];
  out.append(digits.data(), digits.size());
}

std::uint64_t not_zero(random_source& random) {
  for (;;)
    if (auto n = random.next()) return n;
}

}  // namespace

std::optional<trace_context> parse_traceparent(std::string_view text) {
  if (text.size() < size_in_version_00 || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  const auto version = text.substr(0, 2), trace = text.substr(3, 32), step = text.substr(36, 16), flags = text.substr(53, 2);
  if (!is_hex(version) || !is_hex(trace) || !is_hex(step) || !is_hex(flags) || version == "ff") return {};
  if (text.size() > size_in_version_00 && (version == "00" || text[size_in_version_00] != '-')) return {};
  const trace_context t{number(trace.substr(0, 16)), number(trace.substr(16)), number(step), (number(flags) & 1) != 0};
  if ((t.high | t.low) == 0 || t.step == 0) return {};
  return t;
}

std::string to_string(const trace_context& trace) {
  std::string out;
  out.reserve(size_in_version_00);
  out += "00-";
  append_hex(out, trace.high);
  append_hex(out, trace.low);
  out += '-';
  append_hex(out, trace.step);
  return out += trace.sampled ? "-01" : "-00";
}

trace_context continue_trace(std::string_view traceparent, random_source& random) {
  auto t = parse_traceparent(traceparent);
  if (!t) t = trace_context{not_zero(random), not_zero(random), 0, true};
  t->step = not_zero(random);
  return *t;
}

}  // namespace banyan
