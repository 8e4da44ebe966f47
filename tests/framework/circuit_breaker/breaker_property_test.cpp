// Ten thousand random schedules of calls that are answered, late, lost, cancelled or stale, and of overrides, each
// compared with a naive model after every step.
#include <tests/framework/circuit_breaker/a_breaker.hpp>
#include <tests/framework/circuit_breaker/naive_breaker.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>

using namespace banyan;
using namespace banyan::test;

namespace {

class random_draws {
 public:
  explicit random_draws(std::uint64_t seed) : engine_{seed} {}
  int to(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }  // 0 to n - 1
  bool one_in(int n) { return to(n) == 0; }
  template <class T>
  T of(std::initializer_list<T> all) {
    return all.begin()[to(static_cast<int>(all.size()))];
  }
  std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

class schedule {
 public:
  explicit schedule(std::uint64_t seed)
      : draws_{seed},
        failure_rate_{draws_.of<fraction>({{1, 2}, {1, 2}, {3, 10}, {7, 100}, {1, 1}})},
        slow_rate_{draws_.of<fraction>({{1, 1}, {1, 1}, {2, 5}})},
        options_{random_options()},
        real_{options_, draws_.bits(), [this](const breaker_event& e) { on(e); }},
        model_{options_, failure_rate_, slow_rate_},
        sick_{draws_.of({10, 50, 100})} {}

  // What differs, or empty.
  std::string run(int steps) {
    for (int i = 0; i < steps && wrong_.empty(); ++i) {
      step();
      compare();
      if (!wrong_.empty()) wrong_ += " after step " + std::to_string(i);
    }
    if (wrong_.empty()) recover();
    return wrong_;
  }
  int seen_states() const { return seen_states_; }
  int stale() const { return stale_; }

 private:
  struct open_call {
    breaker_permit real;
    naive_breaker::permit model;
  };

  circuit_breaker random_options() {
    circuit_breaker o;
    o.window = draws_.of({breaker_window::count, breaker_window::count, breaker_window::time});
    o.calls = draws_.of({1, 3, 10, 33, 100});
    o.length = draws_.of<timespan>({10s, 1s, 300ms});
    o.buckets = draws_.of({1, 3, 10});
    o.min_calls = o.window == breaker_window::count ? 1 + draws_.to(std::min(o.calls, 20)) : draws_.of({1, 5, 20});
    o.failure_rate = failure_rate_.value();
    o.slow_rate = slow_rate_.value();
    o.slow_after = draws_.of<timespan>({300ms, 1s});
    o.consecutive = draws_.of({0, 0, 3});
    o.open_for = draws_.of<timespan>({1s, 100ms});
    o.open_for_at_most = draws_.of<timespan>({1s, 60s});
    o.jitter = draws_.of({0.0, 0.2, 1.0});
    o.probes = draws_.of({1, 2, 5, 10, 32});
    o.probe_limit = draws_.of<timespan>({60s, 2s});
    o.ramp = draws_.of<timespan>({2s, 0s});
    return o;
  }

  void fail(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }
  void on(const breaker_event& e) {
    if (e.kind == breaker_event_kind::refused) ++refusals_told_;
    if (e.kind == breaker_event_kind::tripped) ++trips_told_;
  }

  void step() {
    switch (draws_.to(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
        return acquire();
      case 8:
      case 9:
      case 10:
      case 11:
      case 12:
      case 13:
      case 14:
        return record();
      case 15:
      case 16:
      case 17:
        now_ += draws_.of<nanoseconds>({1ms, 20ms, 100ms, 299ms, 300ms, 301ms});
        return;
      case 18:
        now_ += draws_.of<nanoseconds>({500ms, 1s, 2s, 7s, 70s});
        if (draws_.one_in(4)) sick_ = draws_.of({0, 0, 10, 50, 100});
        return;
      default:
        if (draws_.one_in(6))
          return force(draws_.of({breaker_override::none, breaker_override::none, breaker_override::forced_open,
                                  breaker_override::forced_closed, breaker_override::observe_only}));
        if (!open_.empty() && draws_.one_in(2))
          open_.erase(open_.begin() + draws_.to(static_cast<int>(open_.size())));  // lost
    }
  }

  void acquire() { acquire(draws_.of<timespan>({timespan::max(), 1s, 200ms, 1ms, 0s, -1s})); }
  void acquire(timespan limit) {
    const auto deadline = add_saturating(now_, limit);
    const auto expected = model_.expect(now_, deadline);
    const auto a = real_.acquire(now_, deadline);
    learn();
    using answer = naive_breaker::answer;
    if (expected.what == answer::admitted && !a) fail("refused a call that must be admitted");
    if (expected.what == answer::refused && a) fail("admitted a call that must be refused");
    if (!a) {
      ++refused_;
      if (expected.what == answer::refused && expected.retry_at != monotonic{} && a.retry_at() != expected.retry_at)
        fail("a refusal with a wrong time");
      if (expected.what == answer::by_chance && (a.retry_at() <= now_ || a.retry_at() > model_.ramp_ends()))
        fail("a refusal of the ramp whose time is not within it");
    } else {
      open_.push_back({a.permit(), model_.admitted(now_, deadline)});
    }
  }
  void record() {
    if (open_.empty()) return;
    // Mostly one of the latest, sometimes any: of an earlier generation.
    const auto n = static_cast<int>(open_.size());
    const auto i = draws_.one_in(4) ? draws_.to(n) : n - 1 - draws_.to(std::min(n, 3));
    const auto call = open_[static_cast<std::size_t>(i)];
    open_.erase(open_.begin() + i);
    const auto outcome = draws_.one_in(8)         ? call_outcome::ignored
                         : draws_.to(100) < sick_ ? call_outcome::failure
                                                  : call_outcome::success;
    // Another thread may have read the clock a moment earlier.
    end(call, outcome, draws_.one_in(10) ? now_ - 5ms : now_);
  }
  void end(const open_call& call, call_outcome outcome, monotonic at) {
    const auto before = real_.snapshot(at);
    real_.record(call.real, outcome, at);
    const bool is_stale = !model_.is_of_now(call.model);
    model_.record(call.model, outcome, at);
    learn();
    if (!is_stale) return;
    ++stale_;
    const auto after = real_.snapshot(at);
    if (after.state != before.state || after.calls != before.calls || after.generation != before.generation)
      fail("a stale result was obeyed");
  }
  void force(breaker_override o) {
    real_.force(o, now_);
    model_.force(o);
    learn();
  }

  // How long the breaker opened for is drawn: within its bounds.
  void learn() {
    const auto openings = model_.has_opened();
    if (!openings) return;
    const auto shown = real_.snapshot(monotonic{});
    if (!shown.retry_after) return fail("it is not open");
    const auto until = monotonic{} + shown.retry_after->count();
    const auto nominal = static_cast<double>(model_.nominal(*openings).count());
    const auto from = static_cast<double>((until - now_).count());
    // It opened at now, or at the earlier reading of another thread.
    if (from < nominal * (1 - options_.jitter) - 5.1e6 || from > nominal * (1 + options_.jitter) + 1)
      fail("open for " + std::to_string(from) + " ns, nominally " + std::to_string(nominal));
    model_.opened_until(until);
  }

  void compare() {
    if (!wrong_.empty()) return;
    const auto s = real_.snapshot(now_);
    const auto m = model_.shown(now_);
    seen_states_ |= 1 << static_cast<int>(s.state);
    if (s.state != model_.state())
      return fail("state " + std::string{to_string(s.state)} + ", expected " + std::string{to_string(model_.state())});
    if (s.forced != model_.forced()) fail("another override");
    if (s.calls != static_cast<std::uint64_t>(m.calls))
      return fail(std::to_string(s.calls) + " calls, expected " + std::to_string(m.calls));
    const auto n = std::max(m.calls, 1);
    if (std::lround(s.failure_rate * n) != m.failures) fail("another number of failures");
    if (std::lround(s.slow_rate * n) != m.slow) fail("another number of slow calls");
    if (s.trips != static_cast<std::uint64_t>(model_.trips()) || trips_told_ != model_.trips())
      fail("another number of trips");
    if (s.refused != static_cast<std::uint64_t>(refused_) || refusals_told_ != refused_)
      fail("another number of refusals");
  }

  // Whatever has happened: calls that succeed close it. The first time may end the leases of lost probes, and as many
  // successes as complete `min_calls` may trip it by earlier failures; the next time it closes, and stays so.
  void recover() {
    force(breaker_override::none);
    open_.clear();
    for (int i = 0; i < options_.min_calls + 2; ++i) {
      now_ += options_.open_for_at_most.count() * 2 + options_.probe_limit.count();
      for (int j = 0; j < options_.probes; ++j) {
        acquire(timespan::max());
        if (!open_.empty()) end(open_.back(), call_outcome::success, now_);
        open_.clear();
      }
      compare();
      if (!wrong_.empty()) return;
    }
    if (model_.state() != breaker_state::closed) fail("it does not recover");
    now_ += options_.ramp.count();
    if (!real_.acquire(now_)) fail("closed, and refuses a call");
  }

  random_draws draws_;
  fraction failure_rate_, slow_rate_;
  circuit_breaker options_;
  breaker real_;
  naive_breaker model_;
  int sick_;  // per cent of failures
  monotonic now_{std::chrono::hours{1}};
  std::vector<open_call> open_;
  std::string wrong_;
  int refused_ = 0, refusals_told_ = 0, trips_told_ = 0, seen_states_ = 0, stale_ = 0;
};

}  // namespace

TEST_CASE("10,000 schedules: never wedged, no stale result obeyed, as the naive model decides", "[breaker]") {
  int all_states = 0, stale = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    schedule s{seed};
    const auto wrong = s.run(150);
    INFO("seed " << seed);
    if (!wrong.empty()) FAIL(wrong);
    all_states += s.seen_states() == 7;
    stale += s.stale();
  }
  CHECK(all_states > 5'000);  // of the schedules have seen all three states
  CHECK(stale > 10'000);
}
