#include <banyan/simulation/simulated_world.hpp>

#include <banyan/journal/journal_rules.hpp>

#include <algorithm>

namespace banyan {

simulation::world::world(simulation_options o) : surroundings{std::move(o)} {
  for (const auto& f : options.faults) time.add(start + f.at.count(), timeline::faults, [this, &f] { inject(f); });
}

simulated_node& simulation::world::add(std::string name, const application* app,
                                       std::function<void(simulated_actors&)> actors, std::vector<std::string> only) {
  nodes.push_back(std::make_unique<simulated_node>(*this, static_cast<int>(nodes.size()), std::move(name), app,
                                                   std::move(actors), std::move(only),
                                                   [this](parcel p) { send(std::move(p)); }));
  nodes.back()->start();
  return *nodes.back();
}

simulated_node& simulation::world::at(const std::string& name) {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const auto& n) { return name.empty() || n->name() == name; });
  if (found == nodes.end()) throw std::invalid_argument{"there is no node " + name + " in this simulation"};
  return **found;
}

simulated_link& simulation::world::between_ends(const std::string& from, const std::string& to) {
  return links.try_emplace({from, to}, options.network).first->second;
}

// --- scheduling ------------------------------------------------------------------------------------------------------

bool simulation::world::step(monotonic until) {
  std::size_t jobs = 0;
  for (auto& n : nodes) jobs += n->jobs();
  if (jobs == 0) {
    if (strike_armed(true)) return true;
    const auto next = next_time();
    if (next == monotonic::max() || next > until) return false;
    advance(next);
    return true;
  }
  auto k = below(schedule, jobs);
  for (auto& n : nodes) {
    const auto its = n->jobs();
    if (k < its) {
      n->run_job(k);
      break;
    }
    k -= its;
  }
  strike_armed(false);
  return true;
}

void simulation::world::notify_observers() {
  std::erase_if(observers, [](const auto& o) { return o.expired(); });
  for (std::size_t i = 0; i < observers.size(); ++i)
    if (const auto observer = observers[i].lock()) (*observer)();
}

bool simulation::world::strike_armed(bool time_moves) {
  bool any = false;
  for (auto& n : nodes) any = n->inject(time_moves) || any;
  return any;
}

monotonic simulation::world::next_time() const {
  auto next = time.next();
  for (auto& n : nodes) next = std::min(next, n->next_time());
  if (!waiting.empty()) next = std::min(next, waiting.front()->patience_ends);
  return next;
}

void simulation::world::advance(monotonic to) {
  now = std::max(now, to);
  note(static_cast<std::uint64_t>(now.time_since_epoch().count()));
  for (auto& n : nodes)
    if (n->next_time() <= now) n->trigger_timers();
  time.run_due(now);
  lose_patience();
}

// --- faults ----------------------------------------------------------------------------------------------------------

void simulation::world::inject(const planned_fault& f) {
  ++counts.faults[static_cast<std::size_t>(f.kind)];
  note(0xfa017 + static_cast<std::uint64_t>(f.kind));
  if (log.is_on()) record("fault", what_happens(f));
  const auto until = now + f.lasts.count();
  switch (f.kind) {
    case fault_kind::crash:
      if (f.during == crash_point::anywhere && f.steps == 0)
        at(f.node).fail_power(f.during, f.lasts);
      else
        at(f.node).arm(f.during, f.steps, f.lasts);
      break;
    case fault_kind::pause:
      at(f.node).pause(f.lasts);
      break;
    case fault_kind::clock_jump:
      at(f.node).clock().jump(f.jump);
      break;
    case fault_kind::failed_sync:
      at(f.node).journal().fail_syncs(1);
      break;
    case fault_kind::slow_disk:
      at(f.node).slow_down(f.times, f.lasts);
      break;
    case fault_kind::full_queue:
      at(f.node).journal().refuse_appends(f.times, queue_is_full());
      break;
    case fault_kind::oversized:
      at(f.node).journal().refuse_appends(f.times, append_is_too_large());
      break;
    case fault_kind::drop:
      between_ends(f.node, f.to).drop(f.share, until);
      break;
    case fault_kind::delay:
      between_ends(f.node, f.to).delay(f.jump, until);
      break;
    case fault_kind::duplicate:
      between_ends(f.node, f.to).duplicate(f.share, until);
      break;
    case fault_kind::reorder:
      between_ends(f.node, f.to).reorder(until);
      break;
    case fault_kind::cut:
      between_ends(f.to, f.node).cut(until);
      [[fallthrough]];
    case fault_kind::cut_one_way:
      between_ends(f.node, f.to).cut(until);
      break;
  }
}

}  // namespace banyan
