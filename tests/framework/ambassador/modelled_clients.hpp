// Callers of a fleet in virtual time by the rules of others, implemented here as references beside ours
// (modelled_ambassador.hpp):
//   none          round robin, one attempt
//   consecutive   round robin; a breaker that opens for 30 s after 5 failures in a row, one probe (gobreaker, Pekko)
//   resilience4j  round robin; a breaker with its defaults: of 100 calls, at least 100, failure rate 50 % or more, 60 s
//                 open, 10 half-open calls whose rate decides; results count in whatever state they come
//   Envoy         least requests of two; outlier detection: 5 failures in a row, success rate below mean - 1.9
//                 deviations (5 hosts of 100 calls in 10 s), 30 s * n, at most 10 % of the hosts but one in any case;
//                 all are used while fewer than half are in; one retry with a back-off of 0 to 25 ms, at most 3 or
//                 20 % of active calls at a time
#pragma once

#include <tests/framework/ambassador/modelled_fleet.hpp>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <memory>
#include <numeric>
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
  int next_replica() { return static_cast<int>(turn_++ % static_cast<unsigned>(fleet_.replicas())); }

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
  envoy_client(virtual_time& world, random_source& random, modelled_fleet& fleet)
      : modelled_client{world, random, fleet}, hosts_(static_cast<std::size_t>(fleet.replicas())) {}
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
    auto& h = hosts_[static_cast<std::size_t>(at)];
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
    for (int i = 0; i < fleet_.replicas(); ++i)
      if (!is_out(hosts_[static_cast<std::size_t>(i)])) in.push_back(i);
    if (2 * static_cast<int>(in.size()) < fleet_.replicas()) {  // panic threshold: 50 %
      in.resize(static_cast<std::size_t>(fleet_.replicas()));
      std::iota(in.begin(), in.end(), 0);
    }
    const int a = in[random_.next() % in.size()], b = in[random_.next() % in.size()];
    const auto active = [this](int i) { return hosts_[static_cast<std::size_t>(i)].active; };
    return active(b) < active(a) ? b : a;
  }
  void eject(host& h) {
    const auto out = std::count_if(hosts_.begin(), hosts_.end(), [this](const host& each) { return is_out(each); });
    if (out >= std::max<std::ptrdiff_t>(fleet_.replicas() / 10, 1)) return;
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
  std::vector<host> hosts_;
  int active_ = 0, retries_ = 0;
  monotonic next_ = start + std::chrono::seconds{10};
};

}  // namespace banyan::test
