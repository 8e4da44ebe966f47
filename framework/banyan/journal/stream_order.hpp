// Detects missing events. The events of a stream are numbered 1, 2, 3 without gaps, so a skipped version is a lost
// event, and a state folded without it would be silently wrong. Call it before folding each event: check_order when
// reading one stream, stream_versions when reading a whole journal.
//
//   if (auto hole = check_order(e, reached)) return *hole;  // corrupt: an event is missing (...)
//   reached = e.version;
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/journal/event.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace banyan {

inline constexpr std::string_view missing_event_sentence = "an event is missing";

// `before`: the position of the stream's next event, or of its last one according to the journal; 0: unknown.
inline error missing_event(std::string_view stream, version missing, position before) {
  std::string text{missing_event_sentence};
  text += " (stream " + std::string{stream} + ", version " + std::to_string(missing);
  if (before > 0) text += ", before position " + std::to_string(before);
  return {code::corrupt, text + ")"};
}

// `reached`: the version of the event before `e`; 0 for the first of a stream.
inline std::optional<error> check_order(const recorded_event& e, version reached) {
  if (e.version == reached + 1) return std::nullopt;
  if (e.version > reached) return missing_event(e.stream, reached + 1, e.position);
  return error{code::corrupt, "an event comes twice or out of order (stream " + e.stream + ", version " + std::to_string(e.version) +
                                  ", position " + std::to_string(e.position) + ")"};
}

// The last version seen of each stream, for a reader of all events by position. Bounded: beyond `bound` streams it
// forgets all of them, and then misses a gap between an event seen before and the next one of its stream.
class stream_versions {
 public:
  // `from_the_first`: reading starts with the journal's first event, so each stream starts with version 1.
  explicit stream_versions(bool from_the_first, std::size_t bound = 10'000) : from_the_first_{from_the_first}, bound_{bound} {}

  // The error of an event missing right before `e`; `e` is not recorded then, so the stream's next event reports it
  // too. Events may be seen again.
  std::optional<error> see(const recorded_event& e) {
    const auto known = reached_.find(e.stream);
    const auto reached = known != reached_.end() ? known->second : from_the_first_ ? 0 : e.version;
    if (e.version > reached + 1) return missing_event(e.stream, reached + 1, e.position);
    accept(e);
    return std::nullopt;
  }
  // Records `e` without a check.
  void accept(const recorded_event& e) {
    if (const auto known = reached_.find(e.stream); known != reached_.end()) {
      known->second = std::max(known->second, e.version);
      return;
    }
    if (reached_.size() >= bound_) {
      reached_.clear();
      from_the_first_ = false;
    }
    reached_.emplace(e.stream, e.version);
  }

 private:
  std::unordered_map<std::string, version> reached_;
  bool from_the_first_;
  std::size_t bound_;
};

}  // namespace banyan
