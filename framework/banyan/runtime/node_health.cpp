#include <banyan/observability/log.hpp>
#include <banyan/runtime/node.hpp>

#include <algorithm>

namespace banyan {

namespace {

// A disk that is full or fails may have room again: every append tries anew, and reading goes on. A damaged file stays damaged.
health_line health_of(const journal& j) {
  const auto trouble = j.status().trouble;
  if (!trouble) return {"journal", health_state::ready, "writable"};
  if (trouble->code == code::corrupt) return {"journal", health_state::dead, trouble->message};
  return {"journal", health_state::degraded, "the last append could not be stored, the next one tries again: " + trouble->message};
}

// "4 streams held back: orders-7 from position 12 on (corrupt: no such type), ..., and 1 more"
std::string held_back(const view_progress& view) {
  constexpr std::size_t named = 3;
  const auto parked = static_cast<std::size_t>(view.parked.load());
  const auto streams = view.parked_streams();
  auto text = std::to_string(parked) + (parked == 1 ? " stream held back" : " streams held back");
  for (std::size_t i = 0; i < std::min(named, streams.size()); ++i) {
    const auto& s = streams[i];
    text += (i == 0 ? ": " : ", ") + s.stream + " from position " + std::to_string(s.position) + " on (" + s.reason + ")";
  }
  return parked > named ? text + ", and " + std::to_string(parked - named) + " more" : text;
}

health_line health_of(const node::view_state& v, position max_lag) {
  const auto name = "projection " + v.view;
  const auto applied = v.progress->applied.load(), lag = v.progress->head.load() - applied;
  if (applied < 0) return {name, health_state::waiting, "not open yet"};
  if (v.progress->stalled.load())
    return {name, health_state::waiting, "stands still, as no more events may be held: " + held_back(*v.progress)};
  if (lag > max_lag) return {name, health_state::waiting, std::to_string(lag) + " events behind"};
  if (v.progress->parked.load() > 0) return {name, health_state::degraded, held_back(*v.progress)};
  return {name, health_state::ready, lag == 0 ? "up to date" : std::to_string(lag) + " events behind"};
}

std::optional<health_line> dead_letters_of(const node::subscription_state& s) {
  const auto dead = s.progress->dead_letters();
  if (dead.count == 0 || !dead.first) return std::nullopt;
  return health_line{"dead letters of " + s.topic + ", group " + s.group, health_state::degraded,
                     std::to_string(dead.count) + (dead.count == 1 ? " event given up" : " events given up") + ": " + dead.first->stream +
                         " at position " + std::to_string(dead.first->position) + " (" + dead.first->reason + ")" +
                         (dead.count == 1 ? "" : ", ...")};
}

}  // namespace

void node::gave_up(const std::string& tree, const error& cause) {
  logger{tree}.error("service gave up: its parts failed too often", {{"cause", cause}});
  given_up_.report("service " + tree, health_state::dead, "its parts failed too often: " + to_string(cause));
}

std::vector<health_line> node::liveness() const {
  auto lines = given_up_.lines();
  lines.push_back(health_of(*with_.journal));
  return lines;
}

std::vector<health_line> node::readiness(position max_lag) const {
  auto lines = liveness();
  for (const auto& v : views_) lines.push_back(health_of(v, max_lag));
  for (const auto& s : subscriptions_)
    if (auto line = dead_letters_of(s)) lines.push_back(std::move(*line));
  for (auto& line : crash_loops_->lines(system_.steady())) lines.push_back(std::move(line));
  return lines;
}

}  // namespace banyan
