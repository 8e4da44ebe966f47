#include <banyan/plan/option.hpp>

#include <banyan/plan/nearest.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

namespace banyan {
namespace {

constexpr std::size_t max_text = 4096;
constexpr double unlimited = std::numeric_limits<double>::max();

// User input, made printable for one line of a terminal.
std::string quoted(std::string_view text) {
  constexpr std::size_t shown = 60;
  std::string out = "\"";
  for (char c : text.substr(0, shown)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out += text.size() > shown ? "...\"" : "\"";
}

template <class N>
std::string number_text(N n) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, n).ptr};
}

template <class N>
bool whole_number(std::string_view text, N& n) {
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, n);
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

template <class N>
bool parse(std::string_view text, const option_limits& limits, N& n)
  requires std::is_arithmetic_v<N>
{
  if (!whole_number(text, n)) return false;
  const auto x = static_cast<double>(n);
  return std::isfinite(x) && x >= limits.min && x <= limits.max;
}
bool parse(std::string_view text, const option_limits&, bool& b) {
  b = text == "true";
  return b || text == "false";
}
bool parse(std::string_view text, const option_limits& limits, timespan& t) {
  const auto parsed = parse_timespan(text);
  if (!parsed) return false;
  t = *parsed;
  const double seconds = std::chrono::duration<double>(t.count()).count();
  return seconds >= limits.min && seconds <= limits.max;
}
bool parse(std::string_view text, const option_limits& limits, std::string& s) {
  const auto& allowed = limits.one_of;
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (text.size() > max_text || std::any_of(text.begin(), text.end(), is_control)) return false;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end()) return false;
  if (limits.fits && !limits.fits(text)) return false;
  s = text;
  return true;
}

std::string text_of(const std::string& s) { return s; }
std::string text_of(bool b) { return b ? "true" : "false"; }
std::string text_of(timespan t) { return to_string(t); }
template <class N>
std::string text_of(N n)
  requires std::is_arithmetic_v<N>
{
  return number_text(n);
}

std::string span_text(double seconds) { return to_string(timespan{nanoseconds{static_cast<std::int64_t>(seconds * 1e9)}}); }
// Without an exponent.
std::string plain(double n) {
  const bool whole = n == std::floor(n) && std::abs(n) < 9e15;
  return whole ? number_text(static_cast<std::int64_t>(n)) : number_text(n);
}

std::string range(const option_limits& limits, double highest, std::string (*show)(double)) {
  if (limits.max < highest) return " from " + show(limits.min) + " to " + show(limits.max);
  return limits.min > -unlimited ? ", at least " + show(limits.min) : "";
}

std::string text_form(const option_limits& limits) {
  if (limits.one_of.empty()) return limits.fits ? limits.form : "a text of at most 4096 bytes on one line";
  std::string out = "one of ";
  for (const auto& text : limits.one_of) out += (&text == &limits.one_of.front() ? "" : ", ") + text;
  return out;
}

std::string suggestion(const option_limits& limits, std::string_view found) {
  const auto meant = nearest(found, limits.one_of);
  return meant.empty() ? std::string{} : "; did you mean " + meant + "?";
}

}  // namespace

template <class T>
void option::bind(T& target) {
  get_ = [&target] { return text_of(target); };
  set_ = [&target](const option& self, std::string_view text, bool assign) -> result<bool> {
    T parsed{};
    if (!parse(text, self.limits_, parsed)) {
      auto why = "expected " + self.expects();
      if (!self.is_secret_) why += ", found " + quoted(text) + suggestion(self.limits_, text);
      return error{code::invalid_argument, std::move(why)}.at(self.name_);
    }
    const bool changes = parsed != target;
    if (assign) target = std::move(parsed);
    return changes;
  };
}

option::option(std::string name, std::string& target, option_limits limits)
    : name_{std::move(name)}, kind_{kind::text}, limits_{std::move(limits)} { bind(target); }
option::option(std::string name, bool& target, option_limits limits)
    : name_{std::move(name)}, kind_{kind::boolean}, limits_{std::move(limits)} { bind(target); }
option::option(std::string name, int& target, option_limits limits)
    : name_{std::move(name)}, kind_{kind::integer}, limits_{std::move(limits)} { bind(target); }
option::option(std::string name, std::int64_t& target, option_limits limits)
    : name_{std::move(name)}, kind_{kind::integer}, limits_{std::move(limits)} { bind(target); }
option::option(std::string name, double& target, option_limits limits)
    : name_{std::move(name)}, kind_{kind::number}, limits_{std::move(limits)} { bind(target); }
option::option(std::string name, timespan& target, option_limits limits)
    : name_{std::move(name)}, kind_{kind::duration}, limits_{std::move(limits)} { bind(target); }

std::string option::expects() const {
  constexpr double longest = 9.2e9;  // seconds, the maximum of a timespan
  switch (kind_) {
    case kind::text: return text_form(limits_);
    case kind::boolean: return "true or false";
    case kind::integer:
      return "a whole number" + (limits_.unit.empty() ? "" : " of " + limits_.unit) + range(limits_, unlimited, plain);
    case kind::number: return "a number" + range(limits_, unlimited, plain);
    case kind::duration: return "a time span such as 800ms, 1.5s or 10min" + range(limits_, longest, span_text);
  }
  return {};
}

std::string option::shown_value() const {
  if (!is_secret_) return value();
  return value().empty() ? "(not set)" : "(set)";
}

result<bool> option::set(std::string_view text, std::string origin) {
  auto changed = set_(*this, text, true);
  if (changed) origin_ = std::move(origin);
  return changed;
}

result<bool> option::try_set(std::string_view text) const { return set_(*this, text, false); }

std::string_view to_string(option::kind k) {
  switch (k) {
    case option::kind::text: return "text";
    case option::kind::boolean: return "boolean";
    case option::kind::integer: return "integer";
    case option::kind::number: return "number";
    case option::kind::duration: return "duration";
  }
  return {};
}

}  // namespace banyan
