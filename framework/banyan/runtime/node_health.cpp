#include <banyan/observability/log.hpp>
#include <banyan/runtime/node.hpp>

namespace banyan {

namespace {

// A disk that is full or fails may have room again: every append tries anew, and reading goes on. A damaged file stays damaged.
health_line health_of(const journal& j) {
  const auto trouble = j.status().trouble;
  if (!trouble) return {"journal", health_state::ready, "writable"};
  if (trouble->code == code::corrupt) return {"journal", health_state::dead, trouble->message};
  return {"journal", health_state::degraded, "the last append could not be stored, the next one tries again: " + trouble->message};
}

health_line health_of(const node::view_state& v, position max_lag) {
  const auto name = "projection " + v.view;
  const auto applied = v.progress->applied.load(), lag = v.progress->head.load() - applied;
  const auto parked = v.progress->parked.load();
  if (applied < 0) return {name, health_state::waiting, "not open yet"};
  if (lag > max_lag) return {name, health_state::waiting, std::to_string(lag) + " events behind"};
  if (parked > 0) return {name, health_state::degraded, std::to_string(parked) + " streams held back by an event that does not decode"};
  return {name, health_state::ready, lag == 0 ? "up to date" : std::to_string(lag) + " events behind"};
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
  return lines;
}

}  // namespace banyan
