// What a journal stores: an event as bytes with its coordinates. The typed side is aggregate.hpp.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

using version = std::int64_t;    // of a stream: 1 for its first event, no gaps; 0 means "no event yet"
using partition = std::uint32_t;  // of a journal: positions are counted in each of them apart; an embedded journal has
                                  // the one partition 0
using position = std::int64_t;   // of a journal partition: strictly increasing; 0 is before the first event

// The name under which a type is stored, apart from its C++ name, so that renaming a struct orphans nothing:
//   struct order_placed { static constexpr banyan::stored_as stored{"orders.placed", 1}; std::string id; };
struct stored_as {
  std::string_view type;
  int schema = 1;
};
// For people, and for what `check` holds against each other: "orders.placed v1".
inline std::string versioned(const stored_as& e) { return std::string{e.type} + " v" + std::to_string(e.schema); }

struct event_metadata {
  uuid correlation;              // the request that started it all
  uuid causation;                // the command or event that led to this one
  std::string actor;             // who asked (caller identity), empty when unknown
  std::string trace;             // W3C traceparent, empty when none
};
BOOST_DESCRIBE_STRUCT(event_metadata, (), (correlation, causation, actor, trace))

// An event on its way in.
struct new_event {
  uuid id;
  std::string type;              // stored name, "orders.placed"
  int schema = 1;
  std::string payload;           // JSON text
  event_metadata metadata;
};

// An event as read back.
struct recorded_event : new_event {
  std::string stream;            // "order-536365"
  banyan::version version = 0;
  banyan::position position = 0;
  instant recorded_at;
};

}  // namespace banyan
