#include <banyan/observability/log.hpp>
#include <banyan/runtime/node.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

namespace banyan {

namespace {

// A full or failing disk may recover: appends are tried, and reads work. A damaged file stays damaged.
health_line health_of(const journal& j) {
  const auto status = j.status();
  const auto& trouble = status.trouble;
  if (!trouble && !status.warning.empty()) return {"journal", health_state::degraded, "writable, but " + status.warning};
  if (!trouble) return {"journal", health_state::ready, "writable"};
  if (trouble->code == code::corrupt) return {"journal", health_state::dead, trouble->message};
  return {"journal", health_state::degraded,
          "commands are refused, as nothing can be stored now; what is stored can be read, and it is tried again: " + trouble->message};
}

constexpr auto clock_tolerance = std::chrono::seconds{1};  // smaller steps are normal clock corrections

std::optional<health_line> clock_of(const journal& j) {
  const auto ahead = timespan{std::chrono::round<std::chrono::seconds>(j.status().ahead)};
  if (ahead <= timespan{clock_tolerance}) return std::nullopt;
  return health_line{"clock", health_state::degraded,
                     "the last event was recorded at a time that is " + to_string(ahead) +
                         " ahead of this machine's clock; until the clock gets there, all events are recorded with that time"};
}

}  // namespace

std::vector<health_line> node::liveness() const {
  auto lines = given_up_.lines();
  lines.push_back(health_of(*journal_));
  for (auto& line : assembly_.liveness()) lines.push_back(std::move(line));
  return lines;
}

std::vector<health_line> node::readiness() const {
  auto lines = liveness();
  if (auto line = clock_of(*journal_)) lines.push_back(std::move(*line));
  for (auto& line : assembly_.readiness()) lines.push_back(std::move(line));
  if (auto trouble = log_trouble()) lines.push_back({"log", health_state::degraded, "the log can not be written: " + *trouble});
  for (auto& line : crash_loops_->lines(system_.steady())) lines.push_back(std::move(line));
  return lines;
}

}  // namespace banyan
