// The contract of a circuit breaker once more, for comparison: a list of calls and a list of probes, and every question
// answered by going through them. Written from the contract, without anything of the breaker's own code but its
// options.
//
// What is drawn at random it does not predict: it says within which bounds the draw must be, and is told the result.
#pragma once

#include <banyan/circuit_breaker/breaker_state.hpp>
#include <banyan/circuit_breaker/circuit_breaker.hpp>
#include <banyan/circuit_breaker/outcome.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace banyan::test {

using namespace std::chrono_literals;

// A share as a fraction, so that nothing is rounded.
struct fraction {
  int part, of;
  double value() const { return static_cast<double>(part) / of; }
  bool is_reached_by(int n, int total) const { return n * of >= part * total; }
};

class naive_breaker {
 public:
  struct permit {
    int generation = -1;
    int probe = -1;  // its number among the probes of its generation
    monotonic started{};
  };
  enum class answer { admitted, refused, by_chance };
  struct expectation {
    answer what;
    monotonic retry_at{};  // refused
  };

  naive_breaker(circuit_breaker options, fraction failure_rate, fraction slow_rate)
      : o_{options}, failure_rate_{failure_rate}, slow_rate_{slow_rate} {}

  breaker_state state() const { return state_; }
  breaker_override forced() const { return forced_; }
  int trips() const { return trips_; }
  bool is_of_now(const permit& p) const { return p.generation == generation_; }

  // --- the acquisition of a permit: what is expected, and then what was done ---
  expectation expect(monotonic now, monotonic deadline) {
    if (forced_ == breaker_override::forced_open) return {answer::refused, monotonic::max()};
    if (forced_ != breaker_override::none) return {answer::admitted};
    if (state_ == breaker_state::closed) {
      if (ramp_from_ && now - *ramp_from_ >= o_.ramp.count()) {
        ramp_from_.reset();
        openings_ = 0;
      }
      return {ramp_from_ ? answer::by_chance : answer::admitted};
    }
    if (state_ == breaker_state::open) {
      if (now < open_until_) return {answer::refused, open_until_};
      enter(breaker_state::half_open);
    }
    end_leases(now);
    if (state_ == breaker_state::open) return {answer::refused, {}};  // as long as it drew just now
    if (state_ == breaker_state::closed) return expect(now, deadline);
    if (deadline <= now) return {answer::refused, now};
    int taken = 0;
    auto first_end = monotonic::max();
    for (const auto& p : probes_) {
      if (!p.was_given_back) ++taken;
      if (p.is_under_way) first_end = std::min(first_end, p.ends);
    }
    if (taken >= o_.probes) return {answer::refused, first_end};
    return {answer::admitted};
  }
  permit admitted(monotonic now, monotonic deadline) {
    permit p{generation_, -1, now};
    if (state_ == breaker_state::half_open && forced_ == breaker_override::none) {
      p.probe = static_cast<int>(probes_.size());
      probes_.push_back({.ends = std::min(deadline, now + o_.probe_limit.count())});
    }
    return p;
  }
  monotonic ramp_ends() const { return *ramp_from_ + o_.ramp.count(); }

  // --- a result ---
  void record(const permit& p, call_outcome outcome, monotonic now) {
    if (p.generation != generation_) return;
    const bool slow = now - p.started > o_.slow_after.count();
    if (p.probe >= 0) {
      end_leases(now);
      if (state_ != breaker_state::half_open) return;
      auto& probe = probes_[static_cast<std::size_t>(p.probe)];
      if (!probe.is_under_way) return;
      probe.is_under_way = false;
      if (outcome == call_outcome::ignored)
        probe.was_given_back = true;
      else
        probe.result = call{outcome == call_outcome::failure, slow};
      judge(now);
      return;
    }
    if (outcome == call_outcome::ignored || forced_ == breaker_override::forced_closed) return;
    look(now);
    calls_.push_back({outcome == call_outcome::failure, slow, *bucket_});
    while (o_.window == breaker_window::count && calls_.size() > static_cast<std::size_t>(o_.calls))
      calls_.erase(calls_.begin());
    in_a_row_ = outcome == call_outcome::failure ? in_a_row_ + 1 : 0;
    if (forced_ == breaker_override::observe_only || !is_over()) return;
    if (!ramp_from_ || now - *ramp_from_ >= o_.ramp.count()) openings_ = 0;
    trip(now);
  }

  void force(breaker_override o) {
    if (o == forced_) return;
    const auto before = forced_;
    forced_ = o;
    openings_ = 0;
    ramp_from_.reset();
    const bool probes_decide = o == breaker_override::none && before == breaker_override::forced_open;
    enter(probes_decide ? breaker_state::half_open : breaker_state::closed);
  }

  // --- how long it may have opened for, and what it drew ---
  std::optional<int> has_opened() { return std::exchange(has_opened_, std::nullopt); }
  nanoseconds nominal(int openings) const {
    nanoseconds wait = o_.open_for;
    for (int i = 1; i < openings && wait < nanoseconds{o_.open_for_at_most}; ++i) wait += (wait + 1ns) / 2;
    return std::min(wait, nanoseconds{o_.open_for_at_most});
  }
  void opened_until(monotonic t) { open_until_ = t; }

  // --- what it would show ---
  struct sums {
    int calls = 0, failures = 0, slow = 0;
  };
  sums shown(monotonic now) {
    sums s;
    if (state_ == breaker_state::half_open) {
      for (const auto& p : probes_)
        if (p.result) add(s, *p.result);
      return s;
    }
    if (state_ == breaker_state::closed) look(now);
    return window();
  }

 private:
  struct call {
    bool failed, slow;
    std::int64_t bucket = 0;
  };
  struct probe {
    monotonic ends;
    bool is_under_way = true, was_given_back = false;
    std::optional<call> result = {};
  };

  static void add(sums& s, const call& c) {
    ++s.calls;
    s.failures += c.failed;
    s.slow += c.slow;
  }
  // The present bucket of a time window is that of the latest time seen.
  void look(monotonic now) {
    const nanoseconds width = nanoseconds{o_.length} / o_.buckets;
    const auto b = std::chrono::floor<nanoseconds>(now.time_since_epoch()) / width;
    bucket_ = bucket_ ? std::max(*bucket_, static_cast<std::int64_t>(b)) : static_cast<std::int64_t>(b);
  }
  sums window() const {
    sums s;
    if (o_.window == breaker_window::time) {
      for (const auto& c : calls_)
        if (c.bucket > *bucket_ - o_.buckets) add(s, c);
    } else {
      for (const auto& c : calls_) add(s, c);
    }
    return s;
  }
  bool is_over() const {
    if (o_.consecutive > 0 && in_a_row_ >= o_.consecutive) return true;
    const auto s = window();
    return s.calls >= o_.min_calls &&
           (failure_rate_.is_reached_by(s.failures, s.calls) || slow_rate_.is_reached_by(s.slow, s.calls));
  }
  void end_leases(monotonic now) {
    for (auto& p : probes_)
      if (p.is_under_way && p.ends <= now) {
        p.is_under_way = false;
        p.result = call{true, false};
      }
    judge(now);
  }
  // Goes through all results that the probes which are missing could have.
  void judge(monotonic now) {
    sums s;
    for (const auto& p : probes_)
      if (p.result) add(s, *p.result);
    const int missing = o_.probes - s.calls;
    bool may_open = false, may_close = false;
    for (int failures = 0; failures <= missing; ++failures)
      for (int slow = 0; slow <= missing; ++slow) {
        const bool opens = failure_rate_.is_reached_by(s.failures + failures, o_.probes) ||
                           slow_rate_.is_reached_by(s.slow + slow, o_.probes);
        (opens ? may_open : may_close) = true;
      }
    if (may_open && may_close) return;
    if (may_open) return trip(now);
    enter(breaker_state::closed);
    if (o_.ramp.count() > 0ns)
      ramp_from_ = now;
    else
      openings_ = 0;
  }
  void trip(monotonic) {
    const auto seen = calls_;
    const auto bucket = bucket_;
    const bool from_closed = state_ == breaker_state::closed;
    enter(breaker_state::open);
    if (from_closed) {  // shown until probes begin
      calls_ = seen;
      bucket_ = bucket;
    }
    ramp_from_.reset();
    ++trips_;
    has_opened_ = ++openings_;
  }
  void enter(breaker_state s) {
    state_ = s;
    ++generation_;
    in_a_row_ = 0;
    calls_.clear();
    bucket_.reset();
    probes_.clear();
  }

  circuit_breaker o_;
  fraction failure_rate_, slow_rate_;
  breaker_state state_ = breaker_state::closed;
  breaker_override forced_ = breaker_override::none;
  int generation_ = 0;
  std::vector<call> calls_;
  std::optional<std::int64_t> bucket_;
  int in_a_row_ = 0;
  std::vector<probe> probes_;
  monotonic open_until_{};
  std::optional<monotonic> ramp_from_;
  int openings_ = 0;
  int trips_ = 0;
  std::optional<int> has_opened_;
};

}  // namespace banyan::test
