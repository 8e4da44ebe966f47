// Text forms of runs and reports.
#include <banyan/simulation/simulate.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sstream>

namespace banyan {

namespace {

// "0-3,7"
std::string joined(const std::vector<std::size_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    auto last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(numbers[i]);
    if (last > i) text += "-" + std::to_string(numbers[last]);
    i = last + 1;
  }
  return text.empty() ? "none" : text;
}

template <class N>
bool read_number(std::string_view text, N& n) {
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  return bad == std::errc{} && end == text.data() + text.size();
}

bool read_numbers(std::string_view text, std::vector<std::size_t>& numbers) {
  constexpr std::size_t most = 1'000'000;
  numbers.clear();
  for (bool more = text != "none"; more;) {
    const auto comma = text.find(',');
    const auto range = text.substr(0, comma);
    const auto dash = range.find('-');
    std::size_t from = 0, to = 0;
    if (!read_number(range.substr(0, dash), from)) return false;
    if (!read_number(dash == std::string_view::npos ? range : range.substr(dash + 1), to) || to < from || to - from > most) return false;
    for (auto n = from; n <= to; ++n) numbers.push_back(n);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return true;
}

double in_seconds(timespan t) { return std::chrono::duration<double>(t.count()).count(); }

void describe(std::ostream& out, const simulation_failure& f) {
  out << "FAILED        " << f.message << '\n';
  out << "found         by " << to_string(f.found)
      << (f.replays_exactly ? "; replays exactly" : "; DOES NOT REPLAY: something escapes the seed") << '\n';
  if (f.attempts > 0)
    out << "made smaller  in " << f.attempts << " runs, to " << f.faults.size() << " faults and " << f.smallest.operations.size()
        << " operations\n";
  for (const auto& p : f.faults) out << "              " << to_string(p) << '\n';
  if (f.attempts > 0) out << "then          " << f.smallest_message << '\n';
  if (!f.trace_log.empty()) out << "the trace, its last " << f.trace_log.size() << " lines\n";
  for (const auto& line : f.trace_log) out << "  " << line << '\n';
  out << "again         BANYAN_REPLAY='" << to_string(f.smallest) << "'\n";
}

}  // namespace

std::string to_string(const simulated_run& r) {
  return "seed=" + std::to_string(r.seed) + " operations=" + joined(r.operations) + " faults=" + joined(r.faults);
}

result<simulated_run> parse_simulated_run(std::string_view text, const simulated_run& whole) {
  auto r = whole;
  std::istringstream words{std::string{text}};
  for (std::string word; words >> word;) {
    const auto equals = std::min(word.find('='), word.size());
    const auto name = word.substr(0, equals), value = word.substr(std::min(equals + 1, word.size()));
    const bool read = name == "seed"         ? read_number(value, r.seed)
                      : name == "operations" ? read_numbers(value, r.operations)
                      : name == "faults"     ? read_numbers(value, r.faults)
                                             : false;
    if (!read) return error{code::invalid_argument, "a run is written as 'seed=42 operations=0,17 faults=2,7', not with '" + word + "'"};
  }
  return r;
}

std::string to_string(const simulation_report& r) {
  std::ostringstream out;
  for (const auto& line : r.trace_log) out << line << '\n';
  const auto simulated = in_seconds(r.counts.simulated), real = std::max(in_seconds(r.real), 1e-9);
  char rate[160];
  std::snprintf(rate, sizeof rate, "%.0f simulated seconds in %.1f s: %.0f a second; %.0f seeds a minute\n", simulated, real,
                simulated / real, static_cast<double>(r.seeds) * 60 / real);
  out << r.seeds << (r.seeds == 1 ? " seed, " : " seeds, ") << rate << to_string(r.counts);
  if (r.failure)
    describe(out, *r.failure);
  else
    out << "all well\n";
  return out.str();
}

}  // namespace banyan
