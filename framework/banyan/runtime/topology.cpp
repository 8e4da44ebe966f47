#include <banyan/runtime/topology.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <unordered_set>

namespace banyan {

namespace {

struct line {
  std::string indent, name, state;
  std::size_t width = 0;  // columns of indent and name
};

std::string counted(std::uint64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : what == "crash" ? "es" : "s");
}

std::string seconds(double s) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", s);
  return text;
}

std::string state_of(const topology_actor& a) {
  auto text = a.phase;
  if (a.restarts == 0 && a.last_cause.empty() && a.down_for == 0) return text;
  text.resize(std::max<std::size_t>(text.size(), 10), ' ');
  text += "  " + counted(a.restarts, "restart");
  if (!a.last_cause.empty()) text += ", last: " + a.last_cause;
  if (!a.message.empty()) text += " (on " + a.message + ")";
  if (a.restart_in > 0)
    text += ", waiting for restart in " + seconds(a.restart_in);
  else if (a.down_for > 0)
    text += ", down for " + seconds(a.down_for);
  return text;
}

class tree {
 public:
  explicit tree(const topology_report& r) {
    std::unordered_set<std::uint64_t> known;
    for (const auto& a : r.actors) known.insert(a.id);
    for (const auto& a : r.actors) below_[known.contains(a.parent) ? a.parent : 0].push_back(&a);
    for (auto& [parent, actors] : below_) std::ranges::sort(actors, {}, &topology_actor::id);
    add(0, {}, 0);
  }
  const std::vector<line>& lines() const { return lines_; }

 private:
  struct entry {
    const topology_actor* first;
    std::string stem = {};  // when it stands for several
    std::size_t count = 1;
  };
  bool is_one_of_many(const topology_actor& a) const {
    return a.phase == "running" && a.restarts == 0 && a.last_cause.empty() && !below_.contains(a.id);
  }
  std::vector<entry> entries_below(std::uint64_t parent) const {
    std::vector<entry> entries;
    const auto found = below_.find(parent);
    if (found == below_.end()) return entries;
    for (const auto* a : found->second) {
      const auto stem = is_one_of_many(*a) ? stem_of(a->name) : std::string{};
      const auto same = std::ranges::find_if(entries, [&](const entry& e) { return !stem.empty() && e.stem == stem; });
      if (same == entries.end())
        entries.push_back({a, stem});
      else
        ++same->count;
    }
    return entries;
  }
  void add(std::uint64_t parent, const std::string& indent, std::size_t depth) {
    const auto entries = entries_below(parent);
    for (const auto& e : entries) {
      const bool last = &e == &entries.back();
      auto name = e.count > 1 ? e.stem + "* (" + std::to_string(e.count) + ")" : e.first->name;
      const auto width = 3 * (depth + 1) + name.size();
      lines_.push_back({indent + (last ? "└─ " : "├─ "), std::move(name), state_of(*e.first), width});
      if (e.count == 1 && e.first->id != 0) add(e.first->id, indent + (last ? "   " : "│  "), depth + 1);
    }
  }

  std::map<std::uint64_t, std::vector<const topology_actor*>> below_;  // by parent; 0: unknown
  std::vector<line> lines_;
};

}  // namespace

std::string stem_of(const std::string& name) {
  const auto digits = name.find_last_not_of("0123456789");
  const bool numbered = digits != name.npos && digits + 1 < name.size() && (name[digits] == '.' || name[digits] == '/');
  return numbered ? name.substr(0, digits + 1) : std::string{};
}

namespace {
double in_seconds(nanoseconds d) { return std::max(0.0, std::chrono::duration<double>(d).count()); }
}  // namespace

topology_report topology_of(const actor_system& system) {
  topology_report r;
  const auto now = system.steady();
  for (auto& a : system.topology())
    r.actors.push_back({a.id, a.parent, a.name, a.phase, a.restarts, a.last_cause, a.last_message,
                        a.down_since == monotonic::max() ? 0 : in_seconds(now - a.down_since),
                        a.restarts_at == monotonic::max() ? 0 : in_seconds(a.restarts_at - now)});
  const auto c = system.counters();
  r.crashes = c.crashes;
  r.restarts = c.restarts;
  r.stopped = c.stopped;
  r.refused_while_down = c.refused_while_down;
  r.lost_while_down = c.lost_while_down;
  return r;
}

std::string to_tree(const topology_report& r) {
  const tree t{r};
  std::size_t widest = 0;
  for (const auto& l : t.lines()) widest = std::max(widest, l.width);
  auto out = counted(r.actors.size(), "actor") + ": " + counted(r.crashes, "crash") + ", " + counted(r.restarts, "restart") + "\n";
  for (const auto& l : t.lines()) out += l.indent + l.name + std::string(widest - l.width + 2, ' ') + l.state + "\n";
  return out;
}

}  // namespace banyan
