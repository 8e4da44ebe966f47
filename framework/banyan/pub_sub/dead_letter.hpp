// An event that a subscription gave up, and where it stands in a list of them.
#pragma once

#include <banyan/journal/event.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace banyan {

// When an older copy of the journal was restored, another event may have the position of one that was given up, and be
// given up as well: a letter is known by the position and the event's id.
struct dead_letter {
  banyan::position position = 0;
  std::string event;  // its id; empty: stored by a version that did not keep it
  std::string stream, type, payload;
  std::int64_t attempts = 0;  // with those of replays
  std::string reason;         // of the last one
  friend bool operator==(const dead_letter&, const dead_letter&) = default;
};
BOOST_DESCRIBE_STRUCT(dead_letter, (), (position, event, stream, type, payload, attempts, reason))

// Letters are listed by position, and those of one position by event.
struct letter_place {
  position at = 0;
  std::string event = {};
  friend bool operator==(const letter_place&, const letter_place&) = default;
};

struct dead_letter_totals {
  std::int64_t count = 0;
  std::optional<dead_letter> first = {};  // as in a list: without its payload
  friend bool operator==(const dead_letter_totals&, const dead_letter_totals&) = default;
};

}  // namespace banyan
