// The view (read model) of all riders. It can be deleted: it is built again from the events.
#pragma once

#include <bikes/account.hpp>
#include <bikes/rider.hpp>
#include <bikes/rides.hpp>

#include <banyan/core/result.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <variant>

namespace bikes {

struct riders {
  using events = std::variant<bike_rented, ride_charged>;
  using queries = std::variant<get_rider>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<rider_summary> answer(banyan::view_reader& v, const get_rider& q);
};

}  // namespace bikes
