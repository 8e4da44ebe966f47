// Data shared by the nodes of one simulation: time, randomness of the seed, trace and counters. Internal.
#pragma once

#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/simulation/seeded_random.hpp>
#include <banyan/simulation/simulation_options.hpp>
#include <banyan/simulation/trace_log.hpp>
#include <banyan/simulation/timeline.hpp>
#include <banyan/transport/endpoint_set.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace banyan {

struct surroundings;

// The time of the world; the nodes' wall clocks may differ.
class world_clock final : public clock {
 public:
  explicit world_clock(const surroundings& s) : world_{s} {}
  instant now() const override;
  monotonic steady() const override;

 private:
  const surroundings& world_;
};

struct surroundings {
  explicit surroundings(simulation_options o)
      : options{std::move(o)},
        schedule{options.seed, "schedule"},
        disks{options.seed, "disks"},
        network{options.seed, "network"},
        scenario{options.seed, "scenario"},
        log{options.trace_log} {
    if (!options.shared_journal) return;
    seeded_random ids{options.seed, "journal"};
    server.emplace(memory_journal::options{.executor = [this](std::function<void()> s) { server_step(std::move(s)); },
                                           .clock = &server_clock,
                                           .incarnation = uuid_v7(epoch, ids),
                                           .answers = &server_answers});
  }

  void note(std::uint64_t x) {
    trace = (trace ^ x) * 0x100000001b3ull;
    trace ^= trace >> 29;
  }
  void record(std::string_view where, std::string_view what) { log.record(now - start, where, what); }

  // A step of the journal server's disk, which executes its queue in order.
  void server_step(std::function<void()> step) {
    last_server_step = std::max(now + between(disks, options.disk_min, options.disk_max), last_server_step);
    time.add(last_server_step, timeline::nobody, [this, step = std::move(step)] {
      ++counts.disk_batches;
      step();
    });
  }

  // The nodes that answer for a service.
  std::shared_ptr<endpoint_set> nodes_of(const std::string& service) {
    auto& nodes = answering[service];
    if (!nodes) nodes = std::make_shared<endpoint_set>();
    return nodes;
  }

  static constexpr monotonic start{std::chrono::seconds{1}};  // parts of CAF take 0 as "not set"
  static constexpr instant epoch{std::chrono::sys_days{std::chrono::January / 1 / 2026}};

  simulation_options options;
  monotonic now = start;
  timeline time;
  seeded_random schedule, disks, network, scenario;
  trace_log log;
  simulation_counts counts;
  std::map<std::string, std::shared_ptr<endpoint_set>> answering;
  world_clock server_clock{*this};
  seeded_random server_answers{options.seed, "answers of the journal"};
  monotonic last_server_step{};
  std::optional<memory_journal> server;  // the shared journal, if any
  std::uint64_t trace = 0xcbf29ce484222325ull;
};

inline instant world_clock::now() const { return surroundings::epoch + (world_.now - surroundings::start); }
inline monotonic world_clock::steady() const { return world_.now; }

// A node's clock: its steady time is the world's; its wall clock can jump.
class simulated_clock final : public clock {
 public:
  explicit simulated_clock(const surroundings& s, nanoseconds off = {}) : world_{s}, off_{off} {}
  instant now() const override { return surroundings::epoch + (world_.now - surroundings::start) + off_; }
  monotonic steady() const override { return std::max(world_.now, ahead_); }
  void jump(nanoseconds by) { off_ += by; }
  // While a node is being ended, its actors may wait for times that the world does not reach.
  void advance_to(monotonic t) { ahead_ = std::max(ahead_, t); }
  void release() { ahead_ = {}; }

 private:
  const surroundings& world_;
  nanoseconds off_;
  monotonic ahead_{};
};

}  // namespace banyan
