// banyan: file event_sourcing
// What this service stores. A stored event is never changed: a new layout gets a new version.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/journal/event.hpp>

#include <string>

namespace harbour::moorings {

struct mooring_placed {
  static constexpr banyan::stored_as stored{"moorings.placed", 1};
  std::string id, note;
};
BOOST_DESCRIBE_STRUCT(mooring_placed, (), (id, note))

struct mooring_confirmed {
  static constexpr banyan::stored_as stored{"moorings.confirmed", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(mooring_confirmed, (), (id))

}  // namespace harbour::moorings
