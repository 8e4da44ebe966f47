#include <banyan/runtime/node_metrics.hpp>

#include <algorithm>

namespace banyan {

namespace {

double as_level(std::uint64_t n) { return static_cast<double>(n); }
double as_level(std::int64_t n) { return static_cast<double>(n); }

void follow_actors(metrics_registry& m, const actor_system& system) {
  m.before_reading([&system, crashes = m.counter("banyan_actor_crashes_total", "Handlers that threw."),
                    restarts = m.counter("banyan_actor_restarts_total", "Restarts in place."),
                    stops = m.counter("banyan_actor_stops_total", "Actors that ended."),
                    refused = m.counter("banyan_actor_refused_total", "Requests answered 'restarting'."),
                    failed = m.counter("banyan_actor_failed_requests_total",
                                       "Requests that an exception ended, or whose cause was kept for the log."),
                    cancelled = m.counter("banyan_actor_cancelled_total", "Requests that were not begun, because their asker was gone."),
                    lost = m.counter("banyan_actor_lost_messages_total", "One-way messages beyond what an actor that is down keeps.")] {
    const auto now = system.counters();
    crashes.raise_to(now.crashes);
    restarts.raise_to(now.restarts);
    stops.raise_to(now.stopped);
    refused.raise_to(now.refused_while_down);
    failed.raise_to(now.failed_requests);
    cancelled.raise_to(now.cancelled);
    lost.raise_to(now.lost_while_down);
  });
}

void follow_journal(metrics_registry& m, const journal& j) {
  m.before_reading([&j, appends = m.counter("banyan_journal_appends_total", "Appends stored."),
                    batches = m.counter("banyan_journal_batches_total", "Transactions that stored appends, each with one sync."),
                    failed = m.counter("banyan_journal_failed_appends_total", "Appends lost because their batch could not be stored."),
                    queued = m.gauge("banyan_journal_queued_appends", "Appends accepted and not yet answered."),
                    writable = m.gauge("banyan_journal_writable", "0 after a batch that could not be stored, until one could.")] {
    const auto now = j.status();
    appends.raise_to(now.appends);
    batches.raise_to(now.batches);
    failed.raise_to(now.failed);
    queued.set(as_level(now.queued));
    writable.set(now.trouble ? 0 : 1);
  });
}

void follow_view(metrics_registry& m, const node::view_state& v) {
  const metric_labels labels{{"view", v.view}};
  m.before_reading([store = v.store, waiting = m.gauge("banyan_view_reads_waiting", "Queries that wait for a reader of the view.", labels),
                    wait = m.gauge("banyan_view_longest_wait_seconds", "How long the oldest of them has waited.", labels),
                    reads = m.counter("banyan_view_reads_total", "Queries that a reader has dealt with.", labels),
                    dropped = m.counter("banyan_view_reads_dropped_total",
                                        "Queries that were due, or whose asker was gone, before a reader came to them.", labels),
                    refused = m.counter("banyan_view_reads_refused_total", "Queries refused because the view was overloaded.", labels),
                    rebuilt = m.counter("banyan_view_rebuilt_total", "Times that a damaged file of the view was deleted.", labels)] {
    const auto now = store ? store->status() : view_store_status{};
    waiting.set(static_cast<double>(now.waiting));
    wait.set(std::chrono::duration<double>(now.longest_wait).count());
    reads.raise_to(now.reads);
    dropped.raise_to(now.dropped);
    refused.raise_to(now.refused);
    rebuilt.raise_to(now.rebuilt);
  });
  m.before_reading([p = v.progress, position = m.gauge("banyan_projection_position", "Journal position that the view includes.", labels),
                    lag = m.gauge("banyan_projection_lag_events", "Events that the view is behind.", labels),
                    parked = m.gauge("banyan_projection_parked_streams", "Streams held back by an event that can not be applied.", labels),
                    held = m.gauge("banyan_projection_blocked_events", "Events of these streams, which wait to be applied.", labels)] {
    position.set(as_level(p->applied.load()));
    lag.set(as_level(p->lag()));
    parked.set(as_level(p->parked.load()));
    held.set(as_level(p->held.load()));
  });
}

void follow_subscription(metrics_registry& m, const node::subscription_state& s) {
  const metric_labels labels{{"topic", s.topic}, {"group", s.group}};
  m.before_reading([p = s.progress, delivered = m.counter("banyan_subscription_delivered_total", "Events dealt with.", labels),
                    retries = m.counter("banyan_subscription_retries_total", "Deliveries that were tried again.", labels),
                    dead = m.counter("banyan_subscription_dead_letters_total", "Events given up.", labels),
                    poison = m.counter("banyan_subscription_poison_total", "Events given up because they crashed their handler.", labels),
                    lag = m.gauge("banyan_subscription_lag_events", "Journal positions between the checkpoint and the head.", labels)] {
    delivered.raise_to(p->delivered.load());
    retries.raise_to(p->retried.load());
    dead.raise_to(p->dead.load());
    poison.raise_to(p->poison.load());
    lag.set(as_level(std::max<position>(0, p->head.load() - p->checkpoint.load())));
  });
}

}  // namespace

void follow(metrics_registry& m, const node& n) {
  follow_actors(m, n.system());
  follow_journal(m, n.journal());
  for (const auto& v : n.views()) follow_view(m, v);
  for (const auto& s : n.subscriptions()) follow_subscription(m, s);
}

}  // namespace banyan
