// The actor of one listener (listens.hpp): takes the events out of its queue and handles them one by one. It has no
// state of its own: a restart loses the event under way, which is counted, and nothing else.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/actor/actor_ref.hpp>
#include <banyan/observability/health.hpp>
#include <banyan/observability/log_folding.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/topic/bounded_attempt.hpp>
#include <banyan/topic/event_queue.hpp>
#include <banyan/topic/listens.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace banyan {

// What the actor, the publishers and the operations port share of a listener. Thread-safe.
struct running_listener {
  running_listener(const listener_spec& s, metrics_registry& metrics);

  const listener_spec& spec;
  event_queue queue;
  counter handled, failed, threw, late, interrupted;  // banyan_listener_events_total by result
  // Set by the actor before it empties the queue for the first time: its supervisor publishes its address later, and an
  // event between the two would wake nobody.
  actor_ref reader;
  log_folding log_lines{{.every = std::chrono::seconds{10}}};
};

void add_readiness(const running_listener& l, std::vector<health_line>& out);  // degraded: it is behind
// Registers what is read of the queue. The spec must outlive `m`.
void count(const std::shared_ptr<running_listener>& l, metrics_registry& m);

class listener final : public actor {
 public:
  struct events_wait {};  // sent when the queue is no longer empty

  // `scope` must outlive this.
  listener(std::shared_ptr<running_listener> of, const service_scope& scope) : of_{std::move(of)}, scope_{scope} {}
  behavior make_behavior() override;
  void started() override;

 private:
  void take_up();
  task<void> handle_waiting();
  void settle(const bounded_attempt::ending& ended, const std::string& trace);

  const std::shared_ptr<running_listener> of_;
  const service_scope& scope_;
  event_queue::turn turn_ = 0;
  bool is_busy_ = false;
};

}  // namespace banyan
