// banyan: file cqrs
// The view (read model) of what was placed. It can be deleted and is rebuilt from the events.
#pragma once

#include <services/moorings/api.hpp>
#include <services/moorings/events.hpp>

#include <banyan/core/result.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <variant>

namespace harbour::moorings {

struct mooring_list {
  using events = std::variant<mooring_placed, mooring_confirmed>;
  using queries = std::variant<get_mooring, list_moorings>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<mooring_record> answer(banyan::view_reader& v, const get_mooring& q);
  static banyan::result<mooring_page> answer(banyan::view_reader& v, const list_moorings& q);
};

}  // namespace harbour::moorings
