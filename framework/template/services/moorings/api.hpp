// What other services and the edge may ask this service.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harbour::moorings {

struct mooring_check {
  bool accepted = false;
  std::optional<std::string> reason{};  // why not
};
BOOST_DESCRIBE_STRUCT(mooring_check, (), (accepted, reason))

// Tells whether these would be accepted. Stores nothing.
struct check_mooring {
  using reply = mooring_check;
  std::string id, note;
};
BOOST_DESCRIBE_STRUCT(check_mooring, (), (id, note))

// banyan: begin ambassador
// The same, by this service and then by the service "pilots".
struct review_mooring {
  using reply = mooring_check;
  std::string id, note;
};
BOOST_DESCRIBE_STRUCT(review_mooring, (), (id, note))

// banyan: end ambassador
// banyan: begin event_sourcing
enum class mooring_status : std::uint8_t { placed, confirmed };
BOOST_DESCRIBE_ENUM(mooring_status, placed, confirmed)

struct mooring_record {
  std::string id, note;
  mooring_status status = mooring_status::placed;
};
BOOST_DESCRIBE_STRUCT(mooring_record, (), (id, note, status))

// The id is the key: a repeat is answered as the first time, and another note under the same id is a conflict.
struct place_mooring {
  using reply = mooring_record;
  std::string id, note;
  std::string idempotency_key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(place_mooring, (), (id, note))

struct confirm_mooring {
  using reply = mooring_record;
  std::string id;
  std::string idempotency_key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(confirm_mooring, (), (id))

// banyan: end event_sourcing
// banyan: begin cqrs
struct get_mooring {
  using reply = mooring_record;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(get_mooring, (), (id))

struct mooring_page {
  std::vector<mooring_record> found;
  std::optional<std::string> next;  // pass as `after` for the page that follows
};
BOOST_DESCRIBE_STRUCT(mooring_page, (), (found, next))

// In the order of the ids.
struct list_moorings {
  using reply = mooring_page;
  static constexpr auto optional_fields = banyan::fields("limit");
  std::optional<std::string> after;
  int limit = 50;  // 1 to 500
};
BOOST_DESCRIBE_STRUCT(list_moorings, (), (after, limit))

// banyan: end cqrs
// banyan: begin saga
// Places it, and confirms it a while later. Answered then; who does not wait so long asks again with the same.
struct arrange_mooring {
  using reply = mooring_record;
  std::string id, note;
};
BOOST_DESCRIBE_STRUCT(arrange_mooring, (), (id, note))

// banyan: end saga
struct moorings_api {
  static constexpr std::string_view name = "moorings";
  using operations = banyan::operations<
      // banyan: begin event_sourcing
      // Commands: a repeat with the same key gets the first answer.
      banyan::op<place_mooring, banyan::idempotent::by_key>,
      // Likewise a command.
      banyan::op<confirm_mooring, banyan::idempotent::by_key>,
      // banyan: end event_sourcing
      // banyan: begin cqrs
      // Queries of the view.
      banyan::op<get_mooring, banyan::idempotent::always>,
      // Likewise a query.
      banyan::op<list_moorings, banyan::idempotent::always>,
      // banyan: end cqrs
      // banyan: begin saga
      // Starts a saga, and is answered when it ends.
      banyan::op<arrange_mooring, banyan::idempotent::by_key>,
      // banyan: end saga
      // banyan: begin ambassador
      // Asks another service.
      banyan::op<review_mooring, banyan::idempotent::always>,
      // banyan: end ambassador
      // Only computes.
      banyan::op<check_mooring, banyan::idempotent::always>>;
};

}  // namespace harbour::moorings
