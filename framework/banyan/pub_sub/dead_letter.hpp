// A dead letter (an event that a subscription gave up), and its key in a list of them.
#pragma once

#include <banyan/journal/event.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace banyan {

// Identified by position and event id: after an older copy of the journal was restored, a second event may have the
// position of a dead letter, and be given up too.
struct dead_letter {
  banyan::position position = 0;
  std::string event;  // event id; empty: stored by a version that did not keep it
  std::string stream, type, payload;
  std::int64_t attempts = 0;  // including replays
  std::string reason;         // of the last attempt's failure
  friend bool operator==(const dead_letter&, const dead_letter&) = default;
};
BOOST_DESCRIBE_STRUCT(dead_letter, (), (position, event, stream, type, payload, attempts, reason))

// The sort key of dead letters: position, then event id.
struct letter_place {
  position at = 0;
  std::string event = {};
  friend bool operator==(const letter_place&, const letter_place&) = default;
};

struct dead_letter_totals {
  std::int64_t count = 0;
  std::optional<dead_letter> first = {};  // as listed: without its payload
  friend bool operator==(const dead_letter_totals&, const dead_letter_totals&) = default;
};

}  // namespace banyan
