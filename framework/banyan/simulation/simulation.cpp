#include <banyan/simulation/simulation.hpp>

#include <banyan/simulation/simulated_world.hpp>

#include <iterator>

namespace banyan {

simulation::simulation(simulation_options options) : world_{std::make_unique<world>(std::move(options))} {}

simulation::simulation(const application& app, simulation_options options) : simulation{std::move(options)} { add(app.name, app); }

simulation::~simulation() {
  for (auto& n : world_->nodes) n->disarm();
  world_->nodes.clear();
}

void simulation::add(std::string name, const application& app) { world_->add(std::move(name), &app, {}); }

void simulation::add(std::string name, const application& app, std::vector<std::string> only) {
  world_->add(std::move(name), &app, {}, std::move(only));
}

void simulation::add(std::string name, std::function<void(simulated_actors&)> actors) {
  world_->add(std::move(name), nullptr, std::move(actors));
}

void simulation::request(std::string method, std::string target, std::string body, answer_function answered) {
  request(json_request(std::move(method), std::move(target), std::move(body)), std::move(answered));
}

void simulation::request(http_request r, answer_function answered) { request_to({}, std::move(r), std::move(answered)); }

void simulation::request_to(const std::string& node, http_request r, answer_function answered) {
  world_->request(world_->at(node), std::move(r), std::move(answered));
}

bool simulation::step(monotonic until) {
  const bool any = world_->step(until);
  if (any) world_->notify_observers();
  return any;
}

void simulation::run_for(timespan d) {
  const auto until = add_saturating(steady(), d);
  while (step(until)) {
  }
  world_->now = std::max(world_->now, until);
}

bool simulation::run_until_idle(timespan limit, timespan quiet) {
  const auto until = add_saturating(steady(), limit);
  while (steady() < until) {
    if (!step(add_saturating(steady(), quiet))) return true;
  }
  return false;
}

void simulation::after(timespan d, std::function<void()> what) {
  world_->time.add(add_saturating(steady(), d), timeline::nobody, std::move(what));
}

std::shared_ptr<void> simulation::after_each_step(std::function<void()> look) {
  auto token = std::make_shared<std::function<void()>>(std::move(look));
  world_->observers.push_back(token);
  return token;
}

void simulation::crash() { world_->at({}).fail_power(crash_point::anywhere, {}); }

void simulation::restore_journal(position kept) {
  auto& node = world_->at({});
  node.fail_power(crash_point::anywhere, std::chrono::milliseconds{1});
  node.journal().lose_tail(kept);
}

void simulation::fail_syncs(int times) { world_->at({}).journal().fail_syncs(times); }

void simulation::inject(const planned_fault& f) { world_->inject(f); }

void simulation::heal() {
  world_->time.forget(timeline::faults);
  for (auto& [ends, l] : world_->links) l.heal();
  for (auto& n : world_->nodes) {
    n->disarm();
    n->journal().accept_appends();
  }
  world_->record("world", "no fault strikes any more");
}

void simulation::require(bool holds, std::string law, const std::string& found) const {
  if (!holds) throw broken_law{std::move(law), found};
}

instant simulation::now() const { return surroundings::epoch + (world_->now - surroundings::start); }
monotonic simulation::steady() const { return world_->now; }
random_source& simulation::random() { return world_->scenario; }
banyan::journal& simulation::journal() { return world_->at({}).journal(); }
const std::vector<recorded_event>& simulation::stored(const std::string& node) const { return world_->at(node).journal().log(); }
const node& simulation::running() const { return world_->at({}).running(); }
bool simulation::is_up(const std::string& node) const { return world_->at(node).is_up(); }
std::uint64_t simulation::trace() const { return world_->trace; }
std::vector<std::string> simulation::trace_log() const { return world_->log.lines(); }
std::vector<span> simulation::spans() {
  std::vector<span> all;
  for (auto& n : world_->nodes) {
    auto more = n->take_spans();
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  return all;
}
void simulation::record(std::string_view what) { world_->record("scenario", what); }

simulation_counts simulation::counts() const {
  auto all = world_->counts;
  all.simulated = world_->now - surroundings::start;
  for (const auto& [ends, l] : world_->links) all.links += l.counts();
  return all;
}

}  // namespace banyan
