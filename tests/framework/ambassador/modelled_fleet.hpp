// The replicas of a service in virtual time, and their faults: each has some servers, a queue and random service
// times; a fault makes its calls fail or slower, or its address unreachable.
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
  double fails = 0;          // share of calls that end with an error, after their service time
  double slower = 1;         // factor of the service time
  bool unreachable = false;  // refused at once
};
using fault_at = std::function<replica_fault(nanoseconds since_start, int replica)>;

class modelled_fleet {
 public:
  static constexpr int replicas = 8, servers = 4, queue = 200;
  static constexpr nanoseconds service_time = std::chrono::milliseconds{30};  // capacity: 1,067 calls a second
  using reply = std::function<void(std::optional<error>)>;

  modelled_fleet(virtual_time& world, random_source& random, fault_at faults)
      : world_{world}, random_{random}, faults_{std::move(faults)}, all_(replicas) {}

  // The caller's own time-out is its business; what was sent is executed.
  void send(int replica, reply done) {
    auto& r = all_[static_cast<std::size_t>(replica)];
    const auto fault = faults_(world_.now() - start, replica);
    if (fault.unreachable || r.waiting.size() >= queue) {
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

  void serve(int replica) {
    auto& r = all_[static_cast<std::size_t>(replica)];
    if (r.busy >= servers || r.waiting.empty()) return;
    auto done = std::move(r.waiting.front());
    r.waiting.pop_front();
    ++r.busy;
    const auto fault = faults_(world_.now() - start, replica);
    const bool fails = uniform(random_) < fault.fails;
    const auto mean = nanoseconds{static_cast<std::int64_t>(static_cast<double>(service_time.count()) * fault.slower)};
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
  const fault_at faults_;
  std::vector<replica_state> all_;
};

}  // namespace banyan::test
