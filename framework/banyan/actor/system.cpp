#include <banyan/actor/system.hpp>

#include <banyan/actor/caf_scheduler.hpp>
#include <banyan/actor/control.hpp>
#include <banyan/actor/native_system.hpp>
#include <banyan/actor/simulated_scheduler.hpp>

#include <algorithm>
#include <future>
#include <thread>

namespace banyan {

namespace {

struct ask_for_external_caller {
  address to;
  message_ptr request;
  timespan limit;
  completion<message_ptr> answered;
};

// The actor that sends requests for threads that are no actors.
class external_caller final : public actor {
 public:
  behavior make_behavior() override {
    return behavior{}.on<ask_for_external_caller>([this](ask_for_external_caller& a) { ask(a.to, std::move(a.request), a.limit, std::move(a.answered)); });
  }

 private:
  struct call final : call_table::waiter {
    call(external_caller& o, std::uint64_t n, completion<message_ptr> d) : owner{o}, number{n}, done{std::move(d)} {}
    void complete(message_ptr answer) override {
      done(std::move(answer));
      owner.calls_.erase(number);
    }
    void expire(message_ptr failure) override {
      give_up(to, context);
      complete(std::move(failure));
    }
    external_caller& owner;
    const std::uint64_t number;
    completion<message_ptr> done;
    address to = {};
    context_ptr context = {};  // set for a request with its own context
  };
  void ask(const address& to, message_ptr request, timespan limit, completion<message_ptr> done) {
    auto c = std::make_unique<call>(*this, ++last_, std::move(done));
    auto* waiter = c.get();
    if (request->context && request->context->is_of_one_request) c->to = to, c->context = request->context;
    calls_.emplace(last_, std::move(c));
    self().call(to, std::move(request), *waiter, self().until(limit));
  }
  // By number: calls dropped with this actor are answered in the order in which they were made.
  std::map<std::uint64_t, std::unique_ptr<call>> calls_;
  std::uint64_t last_ = 0;
};

}  // namespace

actor_system::native::configured::configured(const actor_system_options& options) {
  caf_version::init();
  caf_version::be_quiet(*this);
  caf_version::take_turns(*this);
  if (options.simulated) {
    caf_version::set_deterministic(*this);
    return;
  }
  // CAF's default is at least four, which take turns on a smaller machine. Two, so that a worker that is kept busy does
  // not block all actors.
  caf_version::set_threads(*this,
                           options.threads ? options.threads : std::max(2u, std::thread::hardware_concurrency()));
  caf_version::park_idle_workers(*this);
}

actor_system::actor_system(actor_system_options options)
    : clock_{options.clock ? options.clock : &system_clock()},
      random_{options.random},
      observer_{options.observer},
      tracer_{options.tracer},
      spans_{*clock_, random_},
      native_{std::make_unique<native>(options)} {
  external_caller_ = spawn([] { return std::make_unique<external_caller>(); }, {});
}

actor_system::~actor_system() {
  shutdown();
  for (auto& [id, who] : std::exchange(late_, {})) order(who, {control::kill});
  for (auto& who : those_left_behind()) order(who, {control::kill});
  external_caller_ = {};
  if (!native_->is_simulated()) return;
  for (simulated_scheduler scheduler{*this}; scheduler.jobs() > 0;) scheduler.run(0);
}

void actor_system::ask_message(const address& to, message_ptr request, timespan limit, completion<message_ptr> answered) {
  deliver(external_caller_, make_message<ask_for_external_caller>(ask_for_external_caller{to, std::move(request), limit, std::move(answered)}));
}

result<message_ptr> detail::wait_for_answer(actor_system& system, const address& to, message_ptr request, timespan limit) {
  auto promise = std::make_shared<std::promise<result<message_ptr>>>();
  auto answer = promise->get_future();
  system.ask_message(to, std::move(request), limit, [promise](result<message_ptr> r) { promise->set_value(std::move(r)); });
  // The limit is enforced by an actor, which does not run when every worker is blocked: hence a grace time.
  const auto grace = std::chrono::seconds{1};
  if (answer.wait_until(add_saturating(system_clock().steady(), add_saturating(limit, grace))) != std::future_status::ready)
    return error{code::deadline_exceeded, "no actor answers: all workers are busy", outcome::unknown};
  return answer.get();
}

bool actor_system::shutdown(timespan limit) {
  std::map<std::uint64_t, address> roots;
  {
    std::lock_guard lock{mutex_};
    closing_ = true;
    roots.swap(roots_);
  }
  const auto until = add_saturating(system_clock().steady(), limit);
  bool in_time = true;
  for (auto i = roots.rbegin(); i != roots.rend(); ++i) {
    auto ended = std::make_shared<std::promise<void>>();
    auto wait = ended->get_future();
    stop_actor(i->second, [ended](result<done>) { ended->set_value(); });
    if (native_->is_simulated()) {  // the simulation steps the scheduler itself
      late_.insert(*i);
      continue;
    }
    if (wait.wait_until(until) == std::future_status::ready) continue;
    in_time = false;
    late_.insert(*i);
  }
  return in_time;
}

actor_counters actor_system::counters() const {
  return {crashes_.load(std::memory_order_relaxed), restarts_.load(std::memory_order_relaxed), stopped_.load(std::memory_order_relaxed),
          refused_.load(std::memory_order_relaxed), lost_.load(std::memory_order_relaxed), failed_requests_.load(std::memory_order_relaxed),
          cancelled_.load(std::memory_order_relaxed), ended_tasks_.load(std::memory_order_relaxed)};
}

std::vector<actor_listing> actor_system::topology() const {
  std::vector<actor_listing> lines;
  std::lock_guard lock{mutex_};
  lines.reserve(listing_.size());
  for (auto& [id, line] : listing_) lines.push_back(line);
  return lines;
}

void actor_system::listed(const actor_listing& line) {
  std::lock_guard lock{mutex_};
  listing_.insert_or_assign(line.id, line);
}

void actor_system::observed(actor_event e, const address& above) const {
  if (e.name.empty()) {
    std::lock_guard lock{mutex_};
    auto i = listing_.find(above.id());
    e.name = (i == listing_.end() ? "" : i->second.name) + "/...";
  }
  observer_(e);
}

void actor_system::forget(std::uint64_t ended, bool is_listed) {
  std::lock_guard lock{mutex_};
  roots_.erase(ended);
  if (!native_->left_behind.empty()) native_->left_behind.erase(ended);
  if (is_listed) listing_.erase(ended);
}

void actor_system::left_behind(const address& who) {
  std::lock_guard lock{mutex_};
  native_->left_behind.emplace(who.id(), address_access::get(who));
}

std::vector<address> actor_system::those_left_behind() {
  std::lock_guard lock{mutex_};
  std::vector<address> alive;
  for (const auto& [id, who] : std::exchange(native_->left_behind, {}))
    if (const auto there = who.lock()) alive.push_back(address_access::from(there.get()));
  return alive;
}

}  // namespace banyan
