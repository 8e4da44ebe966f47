#include <banyan/runtime/node_metrics.hpp>

#include <algorithm>

namespace banyan {

namespace {

double as_level(std::uint64_t n) { return static_cast<double>(n); }

}  // namespace

void count_actors(metrics_registry& m, const actor_system& system) {
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

void count_journal(metrics_registry& m, const journal& j) {
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

}  // namespace banyan
