#include <banyan/runtime/live_documents.hpp>

#include <banyan/core/json.hpp>

#include <boost/json.hpp>

#include <charconv>
#include <cmath>
#include <map>
#include <unordered_set>

namespace banyan {

namespace {

constexpr std::size_t most_rows = 2000;
constexpr std::size_t largest_inspection = 64 * 1024;

double to_a_tenth(double seconds) { return std::ceil(seconds * 10) / 10; }

std::string_view family_of(std::string_view sample) {
  for (const std::string_view end : {"_sum", "_count"})
    if (sample.ends_with(end)) return sample.substr(0, sample.size() - end.size());
  return sample;
}

}  // namespace

folded_topology folded(const topology_report& r) {
  folded_topology out{{},         0,         r.actors.size(),      r.crashes,
                      r.restarts, r.stopped, r.refused_while_down, r.lost_while_down};
  std::unordered_set<std::uint64_t> parents;
  for (const auto& a : r.actors) parents.insert(a.parent);
  std::map<std::pair<std::uint64_t, std::string>, std::size_t> place;  // of a parent's kind
  for (const auto& a : r.actors) {
    const bool is_plain = a.phase == "running" && a.restarts == 0 && a.last_cause.empty() && !parents.contains(a.id);
    const auto stem = is_plain ? stem_of(a.name) : std::string{};
    if (!stem.empty()) {
      const auto [found, is_first] = place.try_emplace({a.parent, stem}, out.actors.size());
      if (!is_first) {
        if (found->second < out.actors.size()) {
          out.actors[found->second].name = stem;
          ++out.actors[found->second].count;
        }
        continue;
      }
    }
    if (out.actors.size() == most_rows) {
      ++out.omitted;
      continue;
    }
    out.actors.push_back({a.id, a.parent, a.name, 1, a.phase, a.restarts, a.last_cause, a.message,
                          to_a_tenth(a.down_for), to_a_tenth(a.restart_in)});
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> metric_documents(std::string_view page) {
  std::vector<std::pair<std::string, std::string>> out;
  std::map<std::string, boost::json::object, std::less<>> series;
  while (!page.empty()) {
    const auto end = std::min(page.find('\n'), page.size());
    const auto line = page.substr(0, end);
    page.remove_prefix(std::min(end + 1, page.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto space = line.rfind(' ');
    if (space == line.npos) continue;
    const auto name = line.substr(0, std::min(line.find('{'), space));
    if (name.ends_with("_bucket")) continue;
    const auto labels =
        name.size() < space ? line.substr(name.size() + 1, space - name.size() - 2) : std::string_view{};
    double value = 0;
    const auto text = line.substr(space + 1);
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{} || !std::isfinite(value))
      continue;
    auto& of = series[std::string{family_of(name)}];
    if (name.ends_with("_sum"))
      of[std::string{"sum:"}.append(labels)] = value;
    else
      of[labels] = value;
  }
  out.reserve(series.size());
  for (auto& [name, values] : series)
    out.emplace_back(name, boost::json::serialize(boost::json::object{{"name", name}, {"series", std::move(values)}}));
  return out;
}

std::string health_document(const std::vector<health_line>& alive, const std::vector<health_line>& ready) {
  return R"({"alive":)" + to_json(alive) + R"(,"ready":)" + to_json(ready) + "}";
}

std::string inspection_document(std::string_view name, const std::string& content) {
  const auto named = R"({"name":)" + boost::json::serialize(boost::json::string{name});
  if (content.size() > largest_inspection) return named + R"(,"unfit":"it is larger than 64 KiB"})";
  if (!parse_json(content)) return named + R"(,"unfit":"it is not JSON"})";
  return named + R"(,"content":)" + content + "}";
}

}  // namespace banyan
