// A stored event: bytes with their coordinates. The typed side is aggregate.hpp.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

using version = std::int64_t;    // of an event in its stream: from 1, no gaps; 0: no event yet
using partition = std::uint32_t;  // of a journal: each counts its positions; an embedded
                                  // journal has partition 0 only
using position = std::int64_t;   // in a partition: strictly increasing; 0: before the first event

// The stored name of a type, independent of its C++ name, so that stored events stay readable after a rename:
//   struct order_placed { static constexpr banyan::stored_as stored{"orders.placed", 1}; std::string id; };
struct stored_as {
  std::string_view type;
  int schema = 1;
};
// "orders.placed v1", for messages and for comparisons by `check`.
inline std::string versioned(const stored_as& e) { return std::string{e.type} + " v" + std::to_string(e.schema); }

struct event_metadata {
  uuid correlation;              // the external request that began the chain
  uuid causation;                // the command or event that led to this one
  std::string actor;             // caller identity; empty: unknown
  std::string trace;             // W3C traceparent, empty when none
};
BOOST_DESCRIBE_STRUCT(event_metadata, (), (correlation, causation, actor, trace))

// An event to append.
struct new_event {
  uuid id;
  std::string type;              // stored name, "orders.placed"
  int schema = 1;
  std::string payload;           // JSON text
  event_metadata metadata;
};

// An event as read.
struct recorded_event : new_event {
  std::string stream;            // "order-536365"
  banyan::version version = 0;
  banyan::position position = 0;
  instant recorded_at;
};

}  // namespace banyan
