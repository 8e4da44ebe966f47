// Callers of a fleet in virtual time: ours (the parts of the ambassador and the circuit breaker with their defaults),
// and the rules of others, implemented here as references:
//   none          round robin, one attempt
//   consecutive   round robin; a breaker that opens for 30 s after 5 failures in a row, one probe (gobreaker, Pekko)
//   resilience4j  round robin; a breaker with its defaults: of 100 calls, at least 100, failure rate 50 % or more, 60 s
//                 open, 10 half-open calls whose rate decides; results count in whatever state they come
//   Envoy         least requests of two; outlier detection: 5 failures in a row, success rate below mean - 1.9
//                 deviations (5 hosts of 100 calls in 10 s), 30 s * n, at most 10 % of the hosts but one in any case;
//                 one retry with a back-off of 0 to 25 ms, at most 3 or 20 % of active calls at a time
#pragma once

#include <banyan/ambassador/balancer.hpp>
#include <banyan/ambassador/bulkhead.hpp>
#include <banyan/ambassador/outlier_detector.hpp>
#include <banyan/ambassador/retry_budget.hpp>
#include <banyan/ambassador/retry_policy.hpp>
#include <banyan/circuit_breaker/breaker.hpp>

#include <tests/framework/ambassador/modelled_fleet.hpp>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace banyan::test {

enum class call_end { useful, failed, refused };

class modelled_client {
 public:
  using done = std::function<void(call_end)>;
  modelled_client(virtual_time& world, random_source& random, modelled_fleet& fleet)
      : world_{world}, random_{random}, fleet_{fleet} {}
  virtual ~modelled_client() = default;
  virtual void call(monotonic deadline, done d) = 0;

 protected:
  // One attempt; ends at the deadline at the latest.
  void attempt(int replica, monotonic deadline, modelled_fleet::reply reply) {
    auto over = std::make_shared<bool>(false);
    auto once = [over, reply = std::move(reply)](std::optional<error> e) {
      if (!std::exchange(*over, true)) reply(std::move(e));
    };
    world_.at(deadline, [once] { once(error{code::deadline_exceeded, "no answer", outcome::unknown}); });
    fleet_.send(replica, once);
  }
  int next_replica() { return static_cast<int>(turn_++ % modelled_fleet::replicas); }

  virtual_time& world_;
  random_source& random_;
  modelled_fleet& fleet_;

 private:
  unsigned turn_ = 0;
};

class plain_client : public modelled_client {
 public:
  using modelled_client::modelled_client;
  void call(monotonic deadline, done d) override {
    attempt(next_replica(), deadline, [d](std::optional<error> e) { d(e ? call_end::failed : call_end::useful); });
  }
};

class consecutive_breaker_client : public modelled_client {
 public:
  using modelled_client::modelled_client;
  void call(monotonic deadline, done d) override {
    const auto now = world_.now();
    if (open_ && (now < until_ || probing_)) return d(call_end::refused);
    const bool probe = probing_ = open_;
    attempt(next_replica(), deadline, [this, d, probe](std::optional<error> e) {
      if (probe || !open_) {
        row_ = e ? row_ + 1 : 0;
        probing_ = probing_ && !probe;
        open_ = e && (probe || row_ >= 5);
        if (open_) until_ = world_.now() + std::chrono::seconds{30};
      }
      d(e ? call_end::failed : call_end::useful);
    });
  }

 private:
  int row_ = 0;
  bool open_ = false, probing_ = false;
  monotonic until_{};
};

class resilience4j_client : public modelled_client {
 public:
  using modelled_client::modelled_client;
  void call(monotonic deadline, done d) override {
    if (state_ == open && world_.now() >= until_) enter(half_open);
    if (state_ == open || (state_ == half_open && permits_ == 0)) return d(call_end::refused);
    if (state_ == half_open) --permits_;
    attempt(next_replica(), deadline, [this, d](std::optional<error> e) {
      record(e.has_value());
      d(e ? call_end::failed : call_end::useful);
    });
  }

 private:
  enum state { closed, open, half_open };
  void enter(state s) {
    state_ = s;
    results_.clear();
    permits_ = 10;
    until_ = world_.now() + std::chrono::seconds{60};
  }
  void record(bool failed) {
    if (state_ == open) return;
    const std::size_t size = state_ == closed ? 100 : 10;
    results_.push_back(failed);
    if (results_.size() > size) results_.pop_front();
    if (results_.size() < size) return;
    const auto failures = std::count(results_.begin(), results_.end(), true);
    if (2 * failures >= static_cast<std::ptrdiff_t>(size))
      enter(open);
    else if (state_ == half_open)
      enter(closed);
  }
  state state_ = closed;
  std::deque<bool> results_;
  int permits_ = 0;
  monotonic until_{};
};

class envoy_client : public modelled_client {
 public:
  using modelled_client::modelled_client;
  void call(monotonic deadline, done d) override {
    ++active_;
    send(deadline, [this, d](call_end end) { --active_, d(end); }, true);
  }

 private:
  struct host {
    int active = 0, row = 0, times = 0, calls = 0, good = 0;
    monotonic ejected_until{};
  };
  bool is_out(const host& h) const { return world_.now() < h.ejected_until; }
  void send(monotonic deadline, done d, bool may_retry) {
    sweep();
    const int at = choose();
    auto& h = hosts_[at];
    ++h.active;
    attempt(at, deadline, [=, this, &h](std::optional<error> e) {
      --h.active;
      ++h.calls;
      h.good += e ? 0 : 1;
      h.row = e ? h.row + 1 : 0;
      if (h.row >= 5) eject(h);
      const int allowed = std::max(3, active_ / 5);
      if (e && may_retry && retries_ < allowed && world_.now() < deadline) {
        ++retries_;
        world_.after(nanoseconds{static_cast<std::int64_t>(uniform(random_) * 25e6)}, [=, this] {
          send(deadline, [=, this](call_end end) { --retries_, d(end); }, false);
        });
        return;
      }
      d(e ? call_end::failed : call_end::useful);
    });
  }
  int choose() {
    std::vector<int> in;
    for (int i = 0; i < modelled_fleet::replicas; ++i)
      if (!is_out(hosts_[i])) in.push_back(i);
    const int a = in[random_.next() % in.size()], b = in[random_.next() % in.size()];
    return hosts_[b].active < hosts_[a].active ? b : a;
  }
  void eject(host& h) {
    for (const auto& each : hosts_)
      if (is_out(each)) return;  // 10 % of eight, but at least one
    h.row = 0;
    h.ejected_until = world_.now() + std::min(++h.times, 10) * std::chrono::seconds{30};
  }
  void sweep() {
    if (world_.now() < next_) return;
    next_ = world_.now() + std::chrono::seconds{10};
    double sum = 0, squares = 0;
    int counted = 0;
    for (const auto& h : hosts_)
      if (h.calls >= 100) {
        const double rate = static_cast<double>(h.good) / h.calls;
        sum += rate, squares += rate * rate, ++counted;
      }
    const double mean = counted > 0 ? sum / counted : 0;
    const double deviation = counted > 0 ? std::sqrt(std::max(squares / counted - mean * mean, 0.0)) : 0;
    for (auto& h : hosts_) {
      if (!is_out(h) && h.times > 0) --h.times;
      if (counted >= 5 && h.calls >= 100 && static_cast<double>(h.good) / h.calls < mean - 1.9 * deviation) eject(h);
      h.calls = h.good = 0;
    }
  }
  host hosts_[modelled_fleet::replicas];
  int active_ = 0, retries_ = 0;
  monotonic next_ = start + std::chrono::seconds{10};
};

class our_client : public modelled_client {
 public:
  our_client(virtual_time& world, random_source& random, modelled_fleet& fleet)
      : modelled_client{world, random, fleet}, detector_{{}, start}, budget_{{}, start} {
    outlier_detector::records records;
    for (int i = 0; i < modelled_fleet::replicas; ++i) {
      all_.push_back(std::make_unique<target>("replica-" + std::to_string(i), static_cast<std::uint64_t>(i)));
      records.push_back(all_.back()->outlier);
    }
    detector_.set_members(std::move(records), start);
  }
  void call(monotonic deadline, done d) override {
    if (!permits_.try_enter()) return d(call_end::refused);
    budget_.begin();
    send(deadline, 1, {}, [this, d](call_end end) {
      budget_.end(world_.now());
      permits_.release(world_.now());
      d(end);
    });
  }

 private:
  struct target : balanced_endpoint {
    target(const std::string& name, std::uint64_t seed)
        : balanced_endpoint{name}, outlier{std::make_shared<outlier_record>(name)}, guard{{}, seed} {}
    std::shared_ptr<outlier_record> outlier;
    breaker guard;
  };
  using tried = std::vector<std::size_t>;

  struct picked {
    std::size_t at;
    breaker_permit permit;
  };
  // A breaker that refuses is passed over for another endpoint.
  std::optional<picked> pick(const tried& before, monotonic deadline) {
    auto passed = before;
    for (int round = 0; round < 2; ++round) {
      while (true) {
        const auto usable = [&](std::size_t i) {
          return !all_[i]->outlier->is_ejected(world_.now()) &&
                 std::find(passed.begin(), passed.end(), i) == passed.end();
        };
        const auto at = choice_.choose(all_, usable, random_, 0, world_.now());
        if (!at) break;
        const auto admitted = all_[*at]->guard.acquire(world_.now(), deadline);
        if (admitted) return picked{*at, admitted.permit()};
        passed.push_back(*at);
      }
      if (before.empty()) break;
      passed.clear();  // better one that was tried than none
    }
    return {};
  }
  void send(monotonic deadline, int number, tried before, done d) {
    const auto p = pick(before, deadline);
    if (!p) {
      if (number > 1) budget_.give_back(extra_attempt::retry);
      return d(number > 1 ? call_end::failed : call_end::refused);
    }
    before.push_back(p->at);
    auto& t = *all_[p->at];
    t.load.begin();
    const auto began = world_.now();
    attempt(static_cast<int>(p->at), deadline, [=, this, &t](std::optional<error> e) {
      const auto now = world_.now();
      if (number > 1) budget_.end_extra(extra_attempt::retry, now);
      e ? t.load.cancel() : t.load.end(now - began, now);
      t.guard.record(p->permit, e ? outcome_of(*e) : call_outcome::success, now);
      detector_.record(*t.outlier, e ? attempt_result::failure : attempt_result::success, now - began, now);
      if (!e) return d(call_end::useful);
      const auto next = policy_.after_failure(
          {.why = *e, .attempt = number, .how = idempotent::always, .remaining = deadline - now}, random_);
      if (!next.wait || !budget_.take(extra_attempt::retry, now)) return d(call_end::failed);
      world_.after(*next.wait, [=, this] { send(deadline, number + 1, before, d); });
    });
  }

  std::vector<std::unique_ptr<target>> all_;
  balancer choice_;
  outlier_detector detector_;
  retry_policy policy_;
  retry_budget budget_;
  bulkhead permits_{{.concurrency = 256, .queue = 0}};
};

}  // namespace banyan::test
