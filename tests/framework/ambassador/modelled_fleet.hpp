// The replicas of a service in virtual time, and their faults: each has some servers, a queue and random service
// times; a fault makes its calls fail or slower, or its address unreachable.
//
// Failing calls cost something, for otherwise a client that sends them all would look best. A call that fails holds its
// server for `failing_takes` service times, because a service mostly fails by waiting in vain for something of its own
// (a connection, a lock, an answer) until its own time-out. A request is executed although its caller has given up.
// So a fleet that fails altogether is overloaded, its queues grow, and what they hold when the fault ends is work for
// nobody that delays the recovery (Bronson et al., Metastable Failures in Distributed Systems, HotOS 2021).
#pragma once

#include <banyan/core/error.hpp>

#include <tests/framework/ambassador/virtual_time.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace banyan::test {

struct replica_fault {
  double fails = 0;          // share of calls that end with an error
  double slower = 1;         // factor of the service time
  bool unreachable = false;  // refused at once
};
using fault_at = std::function<replica_fault(nanoseconds since_start, int replica)>;

struct fleet_shape {
  int replicas = 8;
  int servers = 4;  // calls that a replica executes at a time
  std::size_t queue = 200;
  nanoseconds service_time = std::chrono::milliseconds{30};  // capacity of the fleet: 1,067 calls a second
  double failing_takes = 5;                                  // service times of a call that fails
};

class modelled_fleet {
 public:
  using reply = std::function<void(std::optional<error>)>;

  modelled_fleet(virtual_time& world, random_source& random, fleet_shape shape, fault_at faults)
      : world_{world},
        random_{random},
        shape_{shape},
        faults_{std::move(faults)},
        all_(static_cast<std::size_t>(shape.replicas)) {}

  int replicas() const { return shape_.replicas; }
  // Requests that have reached a replica in trouble: half of its calls or more fail, it is slowed, or more calls wait
  // than it serves within half a second when it is well.
  int sent_into_trouble() const { return sent_into_trouble_; }

  // The caller's own time-out is its business; what was sent is executed.
  void send(int replica, reply done) {
    auto& r = all_[static_cast<std::size_t>(replica)];
    const auto fault = faults_(world_.now() - start, replica);
    if (!fault.unreachable) sent_into_trouble_ += is_in_trouble(fault, r.waiting.size());
    if (fault.unreachable || r.waiting.size() >= shape_.queue) {
      world_.after(std::chrono::milliseconds{1}, [done = std::move(done)] {
        done(error{code::unavailable, "refused", outcome::not_applied});
      });
      return;
    }
    r.waiting.push_back(std::move(done));
    serve(replica);
  }

 private:
  struct replica_state {
    int busy = 0;
    std::deque<reply> waiting;
  };

  bool is_in_trouble(const replica_fault& fault, std::size_t waiting) const {
    const auto in_half_a_second = shape_.servers * (std::chrono::milliseconds{500} / shape_.service_time);
    return fault.fails >= 0.5 || fault.slower > 1 || waiting >= static_cast<std::size_t>(in_half_a_second);
  }
  void serve(int replica) {
    auto& r = all_[static_cast<std::size_t>(replica)];
    if (r.busy >= shape_.servers || r.waiting.empty()) return;
    auto done = std::move(r.waiting.front());
    r.waiting.pop_front();
    ++r.busy;
    const auto fault = faults_(world_.now() - start, replica);
    const bool fails = uniform(random_) < fault.fails;
    const double longer = fault.slower * (fails ? shape_.failing_takes : 1);
    const nanoseconds mean{static_cast<std::int64_t>(static_cast<double>(shape_.service_time.count()) * longer)};
    world_.after(lognormal(random_, mean, 0.5), [this, replica, fails, done = std::move(done)] {
      --all_[static_cast<std::size_t>(replica)].busy;
      if (fails)
        done(error{code::unavailable, "failed", outcome::unknown});
      else
        done({});
      serve(replica);
    });
  }

  virtual_time& world_;
  random_source& random_;
  const fleet_shape shape_;
  const fault_at faults_;
  std::vector<replica_state> all_;
  int sent_into_trouble_ = 0;
};

}  // namespace banyan::test
