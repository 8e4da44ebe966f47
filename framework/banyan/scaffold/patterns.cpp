#include <banyan/scaffold/patterns.hpp>

#include <banyan/plan/nearest.hpp>

#include <algorithm>

namespace banyan::scaffold {

namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_of_a_link(const std::string& name) { return name == "ambassador" || name == "circuit_breaker"; }

// Whether one of the patterns that were asked for needs this one.
bool is_needed(const std::string& name, const std::vector<std::string>& asked) {
  if (name == "ambassador") return holds(asked, "circuit_breaker");
  if (name != "event_sourcing" && name != "sharding") return false;
  return !std::all_of(asked.begin(), asked.end(), is_of_a_link);
}

error unknown_pattern(const std::string& name) {
  std::string all;
  for (const auto& p : all_patterns()) all += (all.empty() ? "" : ", ") + p;
  const auto meant = nearest(name, all_patterns());
  return error{code::invalid_argument, "There is no pattern \"" + name + "\"" +
                                           (meant.empty() ? "" : "; did you mean " + meant + "?") +
                                           (meant.empty() ? "; the patterns are: " + all + "." : "")};
}

}  // namespace

bool chosen_patterns::has(std::string_view pattern) const { return holds(names, pattern); }

const std::vector<std::string>& all_patterns() {
  static const std::vector<std::string> all{"event_sourcing", "sharding",   "cqrs",           "pub_sub",
                                            "saga",           "ambassador", "circuit_breaker"};
  return all;
}

result<chosen_patterns> parse_patterns(std::string_view list) {
  std::vector<std::string> asked;
  chosen_patterns chosen;
  while (!list.empty()) {
    const auto end = list.find(',');
    std::string name{list.substr(0, end)};
    list.remove_prefix(end == list.npos ? list.size() : end + 1);
    const auto colon = name.find(':');
    const bool has_target = colon != name.npos;
    const std::string target = has_target ? name.substr(colon + 1) : std::string{};
    name.erase(std::min(colon, name.size()));
    std::replace(name.begin(), name.end(), '-', '_');
    if (!holds(all_patterns(), name)) return unknown_pattern(name);
    if (has_target && (name != "ambassador" || target.empty()))
      return error{code::invalid_argument, "Only an ambassador has a target, as in ambassador:catalog."};
    if (name == "ambassador") {
      if (holds(asked, name) && chosen.peer != target)
        return error{code::invalid_argument,
                     "One ambassador is made at a time; add the other one to the service by hand."};
      chosen.peer = target;
    }
    asked.push_back(name);
  }
  for (const auto& name : all_patterns()) {
    const bool implied = is_needed(name, asked) && !holds(asked, name);
    if (implied) chosen.implied.push_back(name);
    if (implied || holds(asked, name)) chosen.names.push_back(name);
  }
  chosen.asks = chosen.has("ambassador");
  return chosen;
}

}  // namespace banyan::scaffold
