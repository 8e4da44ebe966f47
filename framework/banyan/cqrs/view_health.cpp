#include <banyan/cqrs/view_health.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>

namespace banyan {

namespace {

constexpr auto longest_silence = std::chrono::seconds{3};  // without an answer of the store while queries wait
constexpr std::size_t named = 3;                           // streams named in the line

// "4 streams held back: orders-7 from position 12 on (corrupt: no such type), ..., and 1 more"
std::string held_back(const view_progress& view) {
  const auto parked = static_cast<std::size_t>(view.parked.load());
  const auto streams = view.parked_streams();
  auto text = std::to_string(parked) + (parked == 1 ? " stream held back" : " streams held back");
  for (std::size_t i = 0; i < std::min(named, streams.size()); ++i) {
    const auto& s = streams[i];
    text += (i == 0 ? ": " : ", ") + s.stream + " from position " + std::to_string(s.position) + " on (" + s.reason + ")";
  }
  return parked > named ? text + ", and " + std::to_string(parked - named) + " more" : text;
}

double as_level(std::int64_t n) { return static_cast<double>(n); }

}  // namespace

health_line health_of(const running_view& v, position max_lag) {
  const auto name = "projection " + v.view;
  const auto applied = v.progress->applied.load(), lag = v.progress->lag();
  const auto store = v.store->status();
  if (store.trouble) return {name, health_state::waiting, store.trouble->message};
  if (auto trouble = v.progress->trouble(); !trouble.empty()) return {name, health_state::waiting, "stands still: " + trouble};
  if (applied < 0) return {name, health_state::waiting, "not open yet"};
  if (store.silent > longest_silence)
    return {name, health_state::waiting, "the view has answered nothing for " + to_string(timespan{store.silent}) + ", and " +
                                             std::to_string(store.waiting) + " reads wait"};
  if (v.progress->stalled.load())
    return {name, health_state::waiting, "stands still, as no more events may be held: " + held_back(*v.progress)};
  if (const auto goal = v.progress->anew_to.load(); applied < goal)
    return {name, health_state::waiting, "is built anew: at event " + std::to_string(applied) + " of " + std::to_string(goal)};
  if (lag > max_lag) return {name, health_state::waiting, std::to_string(lag) + " events behind"};
  if (v.progress->parked.load() > 0) return {name, health_state::degraded, held_back(*v.progress)};
  if (store.longest_wait > std::chrono::seconds{1})
    return {name, health_state::degraded, "the view is overloaded: reads wait for " + to_string(timespan{store.longest_wait})};
  return {name, health_state::ready, lag == 0 ? "up to date" : std::to_string(lag) + " events behind"};
}

void count(const running_view& v, metrics_registry& m) {
  const metric_labels labels{{"view", v.view}};
  m.before_reading([store = v.store, waiting = m.gauge("banyan_view_reads_waiting", "Queries that wait for a reader of the view.", labels),
                    wait = m.gauge("banyan_view_longest_wait_seconds", "How long the oldest of them has waited.", labels),
                    reads = m.counter("banyan_view_reads_total", "Queries that a reader has dealt with.", labels),
                    dropped = m.counter("banyan_view_reads_dropped_total",
                                        "Queries that were due, or whose asker was gone, before a reader came to them.", labels),
                    refused = m.counter("banyan_view_reads_refused_total", "Queries refused because the view was overloaded.", labels),
                    rebuilt = m.counter("banyan_view_rebuilt_total", "Times that a damaged file of the view was deleted.", labels)] {
    const auto now = store->status();
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
                    blocked = m.gauge("banyan_projection_blocked_events", "Events of these streams, which wait to be applied.", labels)] {
    position.set(as_level(p->applied.load()));
    lag.set(as_level(p->lag()));
    parked.set(as_level(p->parked.load()));
    blocked.set(as_level(p->held.load()));
  });
}

std::string parked_page_of(const std::vector<std::shared_ptr<const running_view>>& views) {
  boost::json::array parked;
  std::int64_t streams = 0;
  for (const auto& v : views) {
    streams += v->progress->parked.load();
    for (const auto& s : v->progress->parked_streams())
      parked.push_back({{"view", v->view}, {"stream", s.stream}, {"position", s.position}, {"reason", s.reason}});
  }
  return boost::json::serialize(boost::json::object{{"parked", std::move(parked)}, {"streams", streams}});
}

}  // namespace banyan
