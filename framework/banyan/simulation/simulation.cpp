#include <banyan/simulation/simulation.hpp>

#include <banyan/actor/native_system.hpp>
#include <banyan/core/hash.hpp>
#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/runtime/edge.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/simulation/memory_journal.hpp>

#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <random>

namespace banyan {

namespace {

class seeded_random final : public random_source {
 public:
  explicit seeded_random(std::uint64_t seed) : engine_{seed} {}
  std::uint64_t next() override { return engine_(); }
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the standard, unlike the distributions
};

class virtual_clock final : public clock {
 public:
  instant now() const override { return instant{std::chrono::sys_days{std::chrono::January / 1 / 2026}} + (steady_ - start); }
  monotonic steady() const override { return steady_; }
  void move_to(monotonic t) { steady_ = std::max(steady_, t); }

 private:
  static constexpr monotonic start{std::chrono::seconds{1}};  // 0 means "not set" to parts of CAF
  monotonic steady_ = start;
};

// CAF keeps the schedule of its test clock protected.
struct schedule_of : caf::detail::test_actor_clock {
  static auto& get(caf::detail::test_actor_clock& c) { return c.*&schedule_of::schedule_; }
};

}  // namespace

struct simulation::world {
  world(const application& a, simulation_options o)
      : app{a}, options{o}, random{o.seed}, journal{{.executor = [this](std::function<void()> s) { disk_step(std::move(s)); },
                                                     .clock = &clock,
                                                     .incarnation = incarnation}} {}

  void note(std::uint64_t x) {
    trace = (trace ^ x) * 0x100000001b3ull;
    trace ^= trace >> 29;
  }

  caf::scheduler::test_coordinator& scheduler() { return dynamic_cast<caf::scheduler::test_coordinator&>(system->get_native().caf.scheduler()); }

  void disk_step(std::function<void()> step) {
    auto span = static_cast<std::uint64_t>((options.disk_max.count() - options.disk_min.count()).count()) + 1;
    auto at = clock.steady() + options.disk_min.count() + nanoseconds{static_cast<std::int64_t>(random.below(span))};
    // A disk works off its queue in order.
    at = std::max(at, last_disk_step);
    last_disk_step = at;
    timers.emplace(at, [this, step = std::move(step), life = life] {
      if (life != this->life) return;
      ++counts.disk_batches;
      step();
    });
  }

  void start() {
    system.emplace(actor_system_options{.clock = &clock, .random = &random, .simulated = true});
    move_caf_clock();
    auto started = node::start(app, *system,
                               {&journal, incarnation, [this](const view_options& v) { return open_memory_view_store(views, v); },
                                [this](actor_system& s, const address& supervisor) { return run_until_up(s, supervisor); }});
    if (!started) throw result_error{started.error()};
    node = std::move(*started);
    front = std::make_unique<edge>(app, *node, edge_options{.title = app.name});
  }

  void move_caf_clock() {
    scheduler().clock().current_time = caf::actor_clock::time_point{std::chrono::duration_cast<caf::actor_clock::duration_type>(clock.steady().time_since_epoch())};
  }

  // Starting takes messages, but no time.
  result<done> run_until_up(actor_system& s, const address& supervisor) {
    auto up = std::make_shared<std::optional<result<done>>>();
    s.ask(supervisor, await_children{}, std::chrono::seconds{30}, [up](result<done> r) { up->emplace(std::move(r)); });
    while (!*up && scheduler().has_job()) run_job();
    if (!*up) return error{code::unavailable, "it waits for something that takes time"};
    return std::move(**up);
  }

  // Ends every actor without letting time pass. What they still ask of the journal is refused by the crash that follows.
  void stop() {
    scheduler().clock().cancel_all();
    system->shutdown();
    for (;;) {
      scheduler().run();
      scheduler().clock().cancel_all();
      if (!scheduler().has_job()) break;
    }
  }

  void run_job() {
    auto& jobs = scheduler().jobs;
    auto k = static_cast<std::ptrdiff_t>(random.below(jobs.size()));
    std::rotate(jobs.begin(), jobs.begin() + k, jobs.begin() + k + 1);
    if (auto who = actor_of(*jobs.front())) note(who);
    scheduler().run_once();
    ++counts.steps;
  }

  // The next instant at which something is due.
  monotonic next_time() {
    auto next = timers.empty() ? monotonic::max() : timers.begin()->first;
    auto& schedule = schedule_of::get(scheduler().clock());
    if (!schedule.empty()) next = std::min(next, monotonic{schedule.begin()->first.time_since_epoch()});
    return next;
  }

  void advance(monotonic to) {
    clock.move_to(to);
    note(static_cast<std::uint64_t>(clock.steady().time_since_epoch().count()));
    move_caf_clock();
    scheduler().clock().trigger_expired_timeouts();
    while (!timers.empty() && timers.begin()->first <= clock.steady()) {
      auto what = std::move(timers.begin()->second);
      timers.erase(timers.begin());
      what();
    }
  }

  const application& app;
  simulation_options options;
  seeded_random random;
  virtual_clock clock;
  uuid incarnation = uuid_v7(clock.now(), random);
  memory_journal journal;
  memory_view_disk views{clock};
  std::multimap<monotonic, std::function<void()>> timers;
  monotonic last_disk_step{};
  std::optional<actor_system> system;
  std::unique_ptr<banyan::node> node;
  std::unique_ptr<edge> front;
  std::uint64_t trace = 0xcbf29ce484222325ull;
  std::uint64_t life = 1;
  simulation_counts counts;
};

simulation::simulation(const application& app, simulation_options options) : world_{std::make_unique<world>(app, options)} { world_->start(); }

simulation::~simulation() {
  ++world_->life;
  world_->stop();
  world_->front.reset();
  world_->system.reset();
  world_->node.reset();
}

void simulation::request(std::string method, std::string target, std::string body, std::function<void(result<http_response>)> answered) {
  http_request r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.body = std::move(body);
  request(std::move(r), std::move(answered));
}

void simulation::request(http_request r, std::function<void(result<http_response>)> answered) {
  if (auto ok = read_target(r); !ok) {
    answered(ok.error());
    return;
  }
  world_->front->handle(std::move(r), [this, life = world_->life, answered = std::move(answered)](result<http_response> response) {
    if (life != world_->life)
      answered(error{code::unavailable, "the node crashed", outcome::unknown});
    else
      answered(std::move(response));
  });
}

bool simulation::step(monotonic until) {
  if (world_->scheduler().has_job()) {
    world_->run_job();
    return true;
  }
  auto next = world_->next_time();
  if (next == monotonic::max() || next > until) return false;
  world_->advance(next);
  return true;
}

void simulation::run_for(timespan d) {
  auto until = steady() + d.count();
  while (step(until)) {
  }
  world_->clock.move_to(until);
  world_->move_caf_clock();
}

bool simulation::run_until_idle(timespan limit, timespan quiet) {
  auto until = steady() + limit.count();
  while (steady() < until) {
    if (!step(steady() + quiet.count())) return true;
  }
  return false;
}

void simulation::after(timespan d, std::function<void()> what) { world_->timers.emplace(steady() + d.count(), std::move(what)); }

void simulation::crash() {
  ++world_->life;
  ++world_->counts.crashes;
  world_->note(0xdead);
  world_->journal.crash(world_->random);
  world_->stop();
  world_->front.reset();
  world_->system.reset();
  world_->node.reset();
  world_->journal.crash(world_->random);  // what dying actors asked of it
  world_->start();
}

void simulation::fail_syncs(int times) { world_->journal.fail_syncs(times); }

instant simulation::now() const { return world_->clock.now(); }
monotonic simulation::steady() const { return world_->clock.steady(); }
random_source& simulation::random() { return world_->random; }
banyan::journal& simulation::journal() { return world_->journal; }
const node& simulation::running() const { return *world_->node; }
std::uint64_t simulation::trace() const { return world_->trace; }
const simulation_counts& simulation::counts() const { return world_->counts; }

}  // namespace banyan
