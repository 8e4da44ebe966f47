// What the nodes of one simulation have in common: its time, its seed's randomness, its trace and its counts. Internal.
#pragma once

#include <banyan/simulation/seeded_random.hpp>
#include <banyan/simulation/simulation_options.hpp>
#include <banyan/simulation/trace_log.hpp>
#include <banyan/simulation/timeline.hpp>

#include <algorithm>

namespace banyan {

struct surroundings {
  explicit surroundings(simulation_options o)
      : options{std::move(o)},
        schedule{options.seed, "schedule"},
        disks{options.seed, "disks"},
        network{options.seed, "network"},
        scenario{options.seed, "scenario"},
        log{options.trace_log} {}

  void note(std::uint64_t x) {
    trace = (trace ^ x) * 0x100000001b3ull;
    trace ^= trace >> 29;
  }
  void record(std::string_view where, std::string_view what) { log.record(now - start, where, what); }

  static constexpr monotonic start{std::chrono::seconds{1}};  // 0 means "not set" to parts of CAF
  static constexpr instant epoch{std::chrono::sys_days{std::chrono::January / 1 / 2026}};

  simulation_options options;
  monotonic now = start;
  timeline time;
  seeded_random schedule, disks, network, scenario;
  trace_log log;
  simulation_counts counts;
  std::uint64_t trace = 0xcbf29ce484222325ull;
};

// A node's clock: what is steady is the world's; its wall clock can jump.
class simulated_clock final : public clock {
 public:
  explicit simulated_clock(const surroundings& s, nanoseconds off = {}) : world_{s}, off_{off} {}
  instant now() const override { return surroundings::epoch + (world_.now - surroundings::start) + off_; }
  monotonic steady() const override { return std::max(world_.now, ahead_); }
  void jump(nanoseconds by) { off_ += by; }
  // While a node dies, its actors may wait for a time that the world does not give them.
  void advance_to(monotonic t) { ahead_ = std::max(ahead_, t); }
  void release() { ahead_ = {}; }

 private:
  const surroundings& world_;
  nanoseconds off_;
  monotonic ahead_{};
};

}  // namespace banyan
