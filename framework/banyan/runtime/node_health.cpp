#include <banyan/observability/log.hpp>
#include <banyan/runtime/node.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

namespace banyan {

namespace {

// A disk that is full or fails may have room again: every append tries anew, and reading goes on. A damaged file stays damaged.
health_line health_of(const journal& j) {
  const auto status = j.status();
  const auto& trouble = status.trouble;
  if (!trouble && !status.warning.empty()) return {"journal", health_state::degraded, "writable, but " + status.warning};
  if (!trouble) return {"journal", health_state::ready, "writable"};
  if (trouble->code == code::corrupt) return {"journal", health_state::dead, trouble->message};
  return {"journal", health_state::degraded,
          "commands are refused, as nothing can be stored now; what is stored can be read, and it is tried again: " + trouble->message};
}

constexpr auto clock_tolerance = std::chrono::seconds{1};  // clocks are corrected by so much now and then
constexpr auto longest_silence = std::chrono::seconds{3};  // of a view that is asked

std::optional<health_line> clock_of(const journal& j) {
  const auto ahead = timespan{std::chrono::round<std::chrono::seconds>(j.status().ahead)};
  if (ahead <= timespan{clock_tolerance}) return std::nullopt;
  return health_line{"clock", health_state::degraded,
                     "the last event was recorded at a time that is " + to_string(ahead) +
                         " ahead of this machine's clock; until the clock gets there, all events are recorded with that time"};
}

constexpr std::size_t named = 3;  // streams of each kind

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

// Other entities work: requests need not go elsewhere.
std::optional<health_line> health_of(const unreadable_streams& unreadable) {
  const auto streams = unreadable.list();
  if (streams.empty()) return std::nullopt;
  auto text = std::to_string(streams.size()) + (streams.size() == 1 ? " stream" : " streams") + " can not be read, commands for " +
              (streams.size() == 1 ? "it" : "them") + " are refused";
  for (std::size_t i = 0; i < std::min(named, streams.size()); ++i)
    text += (i == 0 ? ": " : ", ") + streams[i].stream + " (" + streams[i].cause + ")";
  if (streams.size() > named) text += ", and " + std::to_string(streams.size() - named) + " more";
  return health_line{"entities", health_state::degraded, std::move(text)};
}

health_line health_of(const node::view_state& v, position max_lag) {
  const auto name = "projection " + v.view;
  const auto applied = v.progress->applied.load(), lag = v.progress->lag();
  const auto store = v.store ? v.store->status() : view_store_status{};
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

std::optional<health_line> dead_letters_of(const node::subscription_state& s) {
  const auto dead = s.progress->dead_letters();
  if (dead.count == 0 || !dead.first) return std::nullopt;
  return health_line{"dead letters of " + s.topic + ", group " + s.group, health_state::degraded,
                     std::to_string(dead.count) + (dead.count == 1 ? " event given up" : " events given up") + ": " + dead.first->stream +
                         " at position " + std::to_string(dead.first->position) + " (" + dead.first->reason + ")" +
                         (dead.count == 1 ? "" : ", ...")};
}

std::optional<health_line> refusal_of(const node::subscription_state& s) {
  auto why = s.progress->refusal();
  if (!why) return std::nullopt;
  return health_line{"subscription " + s.topic + " of " + s.group, health_state::waiting,
                     *why + "; it handles nothing until an operator says from where it goes on: POST /subscriptions/" + s.group + "/" + s.topic +
                         "/reset?to=now (or start, or a position)"};
}

std::optional<error> store_trouble_of(const node::subscription_state& s) {
  return s.store ? s.store->status().trouble : std::nullopt;
}

// Not dead: a program that is restarted for it, without the files, would handle all events again.
constexpr std::string_view store_lost = "store_lost";

std::optional<health_line> loss_of(const node::subscription_state& s) {
  const auto trouble = store_trouble_of(s);
  if (!trouble || trouble->reason != store_lost) return std::nullopt;
  return health_line{"subscription " + s.topic + " of " + s.group, health_state::waiting,
                     trouble->message + "; without them it begins as a new group, which may handle all events again"};
}

// Nobody waits for what a subscription does, so that requests need not go elsewhere.
std::optional<health_line> trouble_of(const node::subscription_state& s) {
  const auto why = s.progress->trouble();
  if (why.empty()) return std::nullopt;
  return health_line{"subscription " + s.topic + " of " + s.group, health_state::degraded, "stands still, and tries again: " + why};
}

}  // namespace

void node::gave_up(const std::string& tree, const error& cause) {
  logger{tree}.error("service gave up: its parts failed too often", {{"cause", cause}});
  given_up_.report("service " + tree, health_state::dead, "its parts failed too often: " + to_string(cause));
}

std::vector<health_line> node::liveness() const {
  auto lines = given_up_.lines();
  lines.push_back(health_of(*with_.journal));
  for (const auto& s : subscriptions_) {
    const auto trouble = store_trouble_of(s);
    if (!trouble || trouble->reason == store_lost) continue;
    lines.push_back({"subscription " + s.topic + " of " + s.group, health_state::dead, trouble->message});
  }
  return lines;
}

std::vector<health_line> node::readiness(position max_lag) const {
  auto lines = liveness();
  if (auto line = clock_of(*with_.journal)) lines.push_back(std::move(*line));
  if (auto line = health_of(*unreadable_)) lines.push_back(std::move(*line));
  for (const auto& v : views_) lines.push_back(health_of(v, max_lag));
  if (auto trouble = log_trouble()) lines.push_back({"log", health_state::degraded, "the log can not be written: " + *trouble});
  for (const auto& s : subscriptions_)
    if (auto line = dead_letters_of(s)) lines.push_back(std::move(*line));
  for (auto& line : crash_loops_->lines(system_.steady())) lines.push_back(std::move(line));
  for (const auto& s : subscriptions_) {
    if (auto line = loss_of(s)) lines.push_back(std::move(*line));
    if (auto line = refusal_of(s)) lines.push_back(std::move(*line));
    if (auto line = trouble_of(s)) lines.push_back(std::move(*line));
  }
  return lines;
}

}  // namespace banyan
