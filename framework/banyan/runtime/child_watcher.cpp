#include <banyan/runtime/child_watcher.hpp>

#include <banyan/observability/log.hpp>
#include <banyan/runtime/topology.hpp>

#include <utility>

namespace banyan {

namespace {

struct watched_part {
  counter restarts, crashes, abandoned;
  std::shared_ptr<actor_ref> where;
  bool has_started = false;
};

watched_part make_part(const std::string& supervisor, const std::string& name, metrics_registry& m) {
  const auto stem = stem_of(name);
  const metric_labels labels{{"supervisor", supervisor}, {"child", stem.empty() ? name : stem + "*"}};
  return {m.counter("banyan_child_restarts_total", "Starts of supervised parts after their first.", labels),
          m.counter("banyan_child_crashes_total", "Supervised parts that failed, or could not start.", labels),
          m.counter("banyan_child_abandoned_total", "Supervised parts that did not end in their time and were left behind.", labels),
          {}};
}

}  // namespace

supervision_hooks watch_children(const std::string& supervisor, const std::vector<child_spec>& children, part_addresses where,
                              metrics_registry& m, std::function<void(const error& cause)> gave_up) {
  // Accessed on the supervisor's thread of control only.
  auto parts = std::make_shared<std::map<std::string, watched_part, std::less<>>>();
  for (const auto& c : children) {
    auto p = make_part(supervisor, c.name, m);
    if (auto w = where.find(c.name); w != where.end()) p.where = w->second;
    parts->emplace(c.name, std::move(p));
  }
  supervision_hooks hooks;
  hooks.event = [parts, log = logger{supervisor}](const child_event& n) {
    auto found = parts->find(n.child);
    if (found == parts->end()) return;
    auto& p = found->second;
    switch (n.kind) {
      case child_event::started:
        if (std::exchange(p.has_started, true)) p.restarts.add();
        if (p.where) p.where->set(n.who);
        break;
      case child_event::ended:
        if (n.why.kind == exit_reason::failed) p.crashes.add();
        break;
      case child_event::abandoned:
        p.abandoned.add();
        if (p.where) p.where->set({});  // calls fail at once instead of timing out
        log.warning("a part did not end in its time and is left behind", {{"part", n.child}});
        break;
    }
  };
  auto escalations = m.counter("banyan_supervisor_escalations_total", "Supervisors that gave up.", {{"supervisor", supervisor}});
  hooks.escalated = [escalations, gave_up = std::move(gave_up)](const error& cause) {
    escalations.add();
    gave_up(cause);
  };
  return hooks;
}

}  // namespace banyan
