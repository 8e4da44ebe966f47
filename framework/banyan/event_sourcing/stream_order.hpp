// Is an event the next one of its stream? A stream's events are numbered 1, 2, 3 and so on without gaps, so a version that is passed over is
// an event that was stored and is lost. Whoever folds events asks this before each of them: a state without one of its events is wrong,
// and says nothing of it.
//
//   if (auto hole = check_order(e, reached)) return *hole;   // corrupt: an event is missing (stream orders-7, version 3, before position 12)
//   reached = e.version;
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/event_sourcing/event.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace banyan {

inline constexpr std::string_view missing_event_sentence = "an event is missing";

// `before`: the position of the next event of the stream, or of its last one as the journal says; 0 when neither is known.
inline error missing_event(std::string_view stream, version missing, position before) {
  std::string text{missing_event_sentence};
  text += " (stream " + std::string{stream} + ", version " + std::to_string(missing);
  if (before > 0) text += ", before position " + std::to_string(before);
  return {code::corrupt, text + ")"};
}

// `reached`: the version of the event before it, 0 for the first of a stream.
inline std::optional<error> check_order(const recorded_event& e, version reached) {
  if (e.version == reached + 1) return std::nullopt;
  if (e.version > reached) return missing_event(e.stream, reached + 1, e.position);
  return error{code::corrupt, "an event comes twice or out of order (stream " + e.stream + ", version " + std::to_string(e.version) +
                                  ", position " + std::to_string(e.position) + ")"};
}

}  // namespace banyan
