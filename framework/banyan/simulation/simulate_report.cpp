// How a run is written down, and what a report says.
#include <banyan/simulation/simulate.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sstream>

namespace banyan {

namespace {

std::string joined(const std::vector<std::size_t>& numbers) {
  std::string text;
  for (auto n : numbers) text += (text.empty() ? "" : ",") + std::to_string(n);
  return text.empty() ? "none" : text;
}

template <class N>
bool read_number(std::string_view text, N& n) {
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  return bad == std::errc{} && end == text.data() + text.size();
}

bool read_numbers(std::string_view text, std::vector<std::size_t>& numbers) {
  numbers.clear();
  if (text == "none") return true;
  for (;;) {
    const auto comma = std::min(text.find(','), text.size());
    if (!read_number(text.substr(0, comma), numbers.emplace_back())) return false;
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

double in_seconds(timespan t) { return std::chrono::duration<double>(t.count()).count(); }

void describe(std::ostream& out, const simulation_failure& f) {
  out << "FAILED        " << f.message << '\n';
  out << "found         by " << to_string(f.found)
      << (f.replays_exactly ? "; replays exactly" : "; DOES NOT REPLAY: something escapes the seed") << '\n';
  if (f.attempts > 0)
    out << "made smaller  in " << f.attempts << " runs, to " << f.faults.size() << " faults and " << f.smallest.operations
        << " operations\n";
  for (const auto& p : f.faults) out << "              " << to_string(p) << '\n';
  if (f.attempts > 0) out << "then          " << f.smallest_message << '\n';
  if (!f.story.empty()) out << "the story, its last " << f.story.size() << " lines\n";
  for (const auto& line : f.story) out << "  " << line << '\n';
  out << "again         BANYAN_REPLAY='" << to_string(f.smallest) << "'\n";
}

}  // namespace

std::string to_string(const simulated_run& r) {
  return "seed=" + std::to_string(r.seed) + " operations=" + std::to_string(r.operations) + " faults=" + joined(r.faults);
}

result<simulated_run> parse_simulated_run(std::string_view text, const simulated_run& whole) {
  auto r = whole;
  std::istringstream words{std::string{text}};
  for (std::string word; words >> word;) {
    const auto equals = std::min(word.find('='), word.size());
    const auto name = word.substr(0, equals), value = word.substr(std::min(equals + 1, word.size()));
    const bool read = name == "seed"         ? read_number(value, r.seed)
                      : name == "operations" ? read_number(value, r.operations)
                      : name == "faults"     ? read_numbers(value, r.faults)
                                             : false;
    if (!read) return error{code::invalid_argument, "a run is written as 'seed=42 operations=3 faults=2,7', not with '" + word + "'"};
  }
  return r;
}

std::string to_string(const simulation_report& r) {
  std::ostringstream out;
  for (const auto& line : r.story) out << line << '\n';
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
