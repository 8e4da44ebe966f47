#include <banyan/simulation/simulated_node.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/event_sourcing/entity.hpp>

#include <algorithm>
#include <iterator>

namespace banyan {

namespace {

constexpr std::size_t most_spans = 65'000;

// A transport over the simulated links.
class simulated_transport final : public transport {
 public:
  explicit simulated_transport(simulated_node& here) : here_{here} {}
  std::unique_ptr<attempt> send(const endpoint& to, const operation& what, const message& request, monotonic deadline,
                                completion<remote_answer> answer) override {
    return here_.call(to.node, {}, what, request, deadline, std::move(answer));
  }

 private:
  simulated_node& here_;
};

}  // namespace

simulated_node::simulated_node(surroundings& s, int number, std::string name, const application* app,
                               std::function<void(simulated_actors&)> actors, std::vector<std::string> only,
                               post_office post)
    : world_{s},
      number_{number},
      name_{std::move(name)},
      app_{app},
      actors_{std::move(actors)},
      only_{std::move(only)},
      post_{std::move(post)},
      clock_{s},
      random_{s.options.seed, "node " + name_},
      answers_{s.options.seed, "answers of " + name_},
      span_ids_{s.options.seed, "spans of " + name_},
      journal_{
          {.executor = [this](std::function<void()> step) { disk_step(std::move(step), world_.counts.disk_batches); },
           .clock = &clock_,
           .incarnation = uuid_v7(clock_.now(), random_),
           .answers = &answers_}},
      views_{clock_, [this](std::function<void()> step) { disk_step(std::move(step), world_.counts.view_writes); }} {
  if (world_.server) {
    stored_ = &*world_.server;
    shared_ =
        std::make_unique<shared_journal>(*stored_, [this](std::function<void()> step) { travel(std::move(step)); });
  }
  if (!app_) return;
  for (const auto& service : app_->services) {
    if (!only_.empty() && std::find(only_.begin(), only_.end(), service.service()) == only_.end()) continue;
    auto nodes = *world_.nodes_of(service.service())->now();
    nodes.push_back({.node = name_, .address = name_});
    world_.nodes_of(service.service())->set(std::move(nodes));
  }
}

simulated_node::~simulated_node() {
  up_ = false;
  ++generation_;
  lose_power();
}

// A step of the node's disk, which executes its queue in order.
void simulated_node::disk_step(std::function<void()> step, std::uint64_t& counted) {
  auto takes = between(world_.disks, world_.options.disk_min, world_.options.disk_max);
  if (world_.now < slow_until_) takes *= slower_;
  last_disk_step_ = std::max(world_.now + takes, last_disk_step_);
  world_.time.add(last_disk_step_, number_, [this, step = std::move(step), &counted] {
    ++counted;
    const auto refused = world_.log.is_on() ? journal_.status().failed : 0;
    step();
    if (!world_.log.is_on()) return;
    if (const auto more = journal_.status().failed - refused; more > 0)
      record("journal: the disk fails to sync, " + std::to_string(more) + " writes are refused");
    for (; told_events_ < journal_.log().size(); ++told_events_) {
      const auto& e = journal_.log()[told_events_];
      record("journal: " + e.type + " is stored in " + e.stream + " at " + std::to_string(e.position));
    }
  });
}

// A message of the node, delivered in order as over a connection. Dropped when the power fails.
void simulated_node::travel(std::function<void()> step) {
  if (!up_ && !starting_) return;
  last_way_ = std::max(
      world_.now + between(world_.network, world_.options.network.latency_min, world_.options.network.latency_max),
      last_way_);
  world_.time.add(last_way_, number_, std::move(step));
}

// --- its actors ------------------------------------------------------------------------------------------------------

void simulated_node::run_job(std::size_t k) {
  world_.note(scheduler_->actor(k) + static_cast<std::uint64_t>(number_) * 1'000'003);
  scheduler_->run(k);
  ++world_.counts.steps;
}

monotonic simulated_node::next_time() const {
  if (!up_) return monotonic::max();
  return std::max(paused_until_, scheduler_->next_timer());
}

void simulated_node::trigger_timers() {
  scheduler_->set_time(world_.now);
  scheduler_->fire_timers();
}

// Called for each message, before the actor handles it.
void simulated_node::see(const actor_host& who, const message& l) {
  if (l.type == type_of<passivate>()) {
    if (passivating_at_ != world_.now) passivating_ = 0;
    passivating_at_ = world_.now;
    ++passivating_;
    ++world_.counts.passivations;
  } else if (passivating_ > 0 && l.kind == message_kind::control && const_cast<message&>(l).as<control>().kind == control::child_ended) {
    --passivating_;
  }
  if (world_.log.is_on()) tell_of(who, l);
}

// Traces a message, without the framework's own and without unnamed actors, which are too many.
void simulated_node::tell_of(const actor_host& who, const message& l) {
  if (who.name().empty() || (l.kind != message_kind::request && l.kind != message_kind::send) || l.type->name.starts_with("banyan::"))
    return;
  record(who.name() + (l.kind == message_kind::request ? " is asked " : " is told ") + std::string{l.type->name});
}

// --- start and end ---------------------------------------------------------------------------------------------------

void simulated_node::start() {
  if (up_ || starting_) return;
  starting_ = true;
  power_failed_ = false;
  const bool came_up = come_up();
  starting_ = false;
  cut_start_after_.reset();
  if (came_up) {
    up_ = true;
    record("is up");
    return;
  }
  lose_power();
  constexpr nanoseconds pause_after_a_failed_start = std::chrono::milliseconds{100};
  world_.time.add(world_.now + pause_after_a_failed_start, timeline::nobody, [this] { start(); });
}

std::vector<span> simulated_node::take_spans() {
  auto all = std::exchange(spans_, {});
  if (system_) {
    auto more = system_->tracer().take(most_spans);
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  return all;
}

// False: the power failed during the start.
bool simulated_node::come_up() {
  ++generation_;
  ++world_.counts.starts;
  record("starts");
  const bool watched = world_.log.is_on();
  actor_system_options options{.clock = &clock_, .random = &random_, .simulated = true};
  options.tracer = [this](const actor_host& who, const message& l) { see(who, l); };
  if (watched)
    options.observer = [this](const actor_event& e) {
      record((e.name.empty() ? std::string{"an actor"} : e.name) +
           (e.kind == actor_event_kind::restarted ? " is restarted"
                                                  : (e.kind == actor_event_kind::crashed ? " crashes: " : ": ") + to_string(e.cause)));
    };
  system_.emplace(std::move(options));
  if (world_.options.record_spans) system_->tracer().record({.capacity = most_spans, .random = &span_ids_});
  scheduler_.emplace(*system_);
  scheduler_->set_time(world_.now);
  if (app_) {
    auto started = node::start(*app_, *system_,
                               {.ports = engines(),
                                .history = stored_->history(),
                                .only = only_,
                                .elsewhere = elsewhere(),
                                .await_children = [this](actor_system& s, const address& supervisor) { return run_until_up(s, supervisor); }});
    if (!started && !power_failed_) {
      lose_power();
      starting_ = false;
      throw result_error{started.error()};
    }
    if (started) {
      node_ = std::move(*started);
      front_ = std::make_unique<edge>(*app_, *node_, edge_options{.title = app_->name});
    }
  }
  if (!power_failed_ && actors_) {
    simulated_actors here{*this};
    actors_(here);
  }
  if (cut_start_after_ && !power_failed_) {  // the start took fewer messages
    ++world_.counts.crashes;
    ++world_.counts.crashes_during[static_cast<std::size_t>(crash_point::start)];
    record("loses its power at the end of the start");
    return false;
  }
  return !power_failed_;
}

remote_services simulated_node::elsewhere() const {
  remote_services others;
  if (only_.empty()) return others;
  for (const auto& service : app_->services)
    if (std::find(only_.begin(), only_.end(), service.service()) == only_.end())
      others.emplace(service.service(), world_.nodes_of(service.service()));
  return others;
}

ports simulated_node::engines() {
  ports p;
  // The node's disk outlives the actors that use it.
  p.provide<banyan::journal>([this](const auto&) -> result<std::shared_ptr<banyan::journal>> {
    banyan::journal* j = shared_ ? static_cast<banyan::journal*>(shared_.get()) : &journal_;
    return std::shared_ptr<banyan::journal>{std::shared_ptr<void>{}, j};
  });
  p.provide<transport>([this](const auto&) -> result<std::shared_ptr<transport>> {
    return std::make_shared<simulated_transport>(*this);
  });
  p.provide<view_store>([this](const view_options& v) -> result<std::shared_ptr<view_store>> {
    auto store = views_.open(v);
    if (!store) return store.error();
    return std::move(*store);
  });
  p.provide<delivery_store>([this](const delivery_options& of) -> result<std::shared_ptr<delivery_store>> {
    auto store = views_.open(of);
    if (!store) return store.error();
    return std::move(*store);
  });
  return p;
}

// Runs the messages of the start; virtual time does not advance.
result<done> simulated_node::run_until_up(actor_system& s, const address& supervisor) {
  auto up = std::make_shared<std::optional<result<done>>>();
  s.ask(supervisor, await_children{}, std::chrono::seconds{30}, [up](result<done> r) { up->emplace(std::move(r)); });
  while (!*up && scheduler_->jobs() > 0) {
    if (cut_start_after_ && (*cut_start_after_)-- <= 0) {
      cut_start_after_.reset();
      power_failed_ = true;
      ++world_.counts.crashes;
      ++world_.counts.crashes_during[static_cast<std::size_t>(crash_point::start)];
      record("loses its power while it starts");
      lose_disk_queues();
      end_actors();  // they refer to the node, which is about to be destroyed
      return error{code::unavailable, "the power failed"};
    }
    run_job(below(world_.schedule, scheduler_->jobs()));
  }
  if (*up) return std::move(**up);
  end_actors();
  return error{code::unavailable, "it waits for something that takes time"};
}

// The world's time stands still. Requests to the disks are refused, otherwise actors that wait for an answer before
// they end would wait for ever; timers of the ending actors fire early.
void simulated_node::end_actors() {
  constexpr int rounds = 100'000;
  system_->shutdown();
  for (int round = 0; round < rounds; ++round) {
    while (scheduler_->jobs() > 0) scheduler_->run(0);
    if (shared_) shared_->lose();
    journal_.lose_queued();
    views_.lose_queued();
    if (scheduler_->jobs() > 0) continue;
    const auto next = scheduler_->next_timer();
    if (scheduler_->actors() == 0 || next == monotonic::max()) break;
    clock_.advance_to(next);
    scheduler_->set_time(clock_.steady());
    scheduler_->fire_timers();
  }
  scheduler_->cancel_timers();
  clock_.release();
}

// Executes a part of the disks' queues and drops the rest.
void simulated_node::lose_disk_queues() {
  world_.time.forget(number_);
  if (shared_) shared_->lose();
  journal_.crash(world_.disks);
  journal_.accept_appends();
  views_.crash(world_.disks);
}

void simulated_node::lose_power() {
  spans_ = take_spans();  // without those that end because the actors do
  lose_disk_queues();
  if (system_) end_actors();
  asked_.clear();
  served_.clear();
  published_.clear();
  front_.reset();
  scheduler_.reset();
  system_.reset();
  node_.reset();
  journal_.lose_queued();
  views_.lose_queued();
  world_.time.forget(number_);
  last_disk_step_ = last_way_ = {};
  passivating_ = 0;
}

// --- faults ----------------------------------------------------------------------------------------------------------

bool simulated_node::is_in(crash_point m) const {
  switch (m) {
    case crash_point::anywhere:
      return true;
    case crash_point::append:
      return shared_ ? shared_->appends_under_way() > 0 : journal_.under_way().appends > 0;
    case crash_point::snapshot:
      return journal_.under_way().snapshots > 0;
    case crash_point::projection:
      return views_.pending() > 0;
    case crash_point::passivation:
      return passivating_ > 0 && passivating_at_ == world_.now;
    case crash_point::start:
      return starting_;
  }
  return false;
}

void simulated_node::fail_power(crash_point planned, timespan down_for) {
  if (!up_) return;
  ++world_.counts.crashes;
  std::string during;
  for (std::size_t m = 0; m < crash_points; ++m) {
    if (!is_in(static_cast<crash_point>(m))) continue;
    ++world_.counts.crashes_during[m];
    if (m > 0) during += (during.empty() ? " during " : " and ") + std::string{to_string(static_cast<crash_point>(m))};
  }
  record("loses its power" + during);
  world_.note(0xdead + static_cast<std::uint64_t>(planned));
  up_ = false;
  ++generation_;
  armed_.clear();
  paused_until_ = {};
  lose_power();
  if (down_for.count().count() == 0)
    start();
  else
    world_.time.add(world_.now + down_for.count(), timeline::nobody, [this] { start(); });
}

void simulated_node::arm(crash_point during, int steps, timespan down_for) {
  if (during == crash_point::start) {
    if (!up_) return;
    cut_start_after_ = steps;
    fail_power(during, down_for);
  } else {
    armed_.push_back({during, steps, down_for});
  }
}

bool simulated_node::inject(bool time_moves) {
  if (!up_ || is_paused()) return false;
  for (auto& a : armed_) {
    if (!is_in(a.during) || (a.steps-- > 0 && !time_moves)) continue;
    const auto due = a;
    fail_power(due.during, due.down_for);
    return true;
  }
  return false;
}

void simulated_node::pause(timespan d) {
  if (!up_) return;
  paused_until_ = std::max(paused_until_, world_.now + d.count());
  world_.time.hold(number_, paused_until_);
  record("stands still for " + to_string(d));
}

}  // namespace banyan
