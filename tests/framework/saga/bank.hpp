// A bank whose mistakes can be counted: it loses requests and answers, begins late, and forgets command ids.
#pragma once

#include <banyan/saga/saga_code.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace saga_tests {

using namespace banyan;

struct purchase {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(purchase, (), (id))
struct drawn {
  std::string drawing;
  friend bool operator==(const drawn&, const drawn&) = default;
};
BOOST_DESCRIBE_STRUCT(drawn, (), (drawing))

// Three ways to draw money: it may not be repeated; it is repeated by its key, which is remembered for a day, with and
// without a query.
struct draw_cash {
  using reply = drawn;
  std::string order;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(draw_cash, (), (order, amount))
struct debit {
  using reply = drawn;
  std::string order;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(debit, (), (order, amount))
struct debit_blindly {
  using reply = drawn;
  std::string order;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(debit_blindly, (), (order, amount))

struct drawing {
  std::string state;  // "unknown", "pending", "drawn", "declined"
  std::string drawing;
};
BOOST_DESCRIBE_STRUCT(drawing, (), (state, drawing))
struct get_drawing {
  using reply = saga_tests::drawing;
  std::string order;
  template <class Request>
  static get_drawing of(const Request& r) {
    return {r.order};
  }
};
BOOST_DESCRIBE_STRUCT(get_drawing, (), (order))

template <class Request>
std::optional<result<drawn>> outcome_of(const Request&, const drawing& d) {
  if (d.state == "pending") return std::nullopt;
  if (d.state == "unknown") return error{code::not_found, "the bank knows nothing of it"};
  if (d.state == "declined") return error{code::refused, "no money"}.because("declined");
  return drawn{d.drawing};
}
using drawing_known = known_by<get_drawing, &get_drawing::of<draw_cash>, &outcome_of<draw_cash>>;
using debit_known = known_by<get_drawing, &get_drawing::of<debit>, &outcome_of<debit>>;

struct bank_api {
  static constexpr std::string_view name = "bank";
  using operations =
      banyan::operations<op<draw_cash, idempotent::never, drawing_known>,
                         op<debit, idempotent::by_key, debit_known, remembered_days<1>>,
                         op<debit_blindly, idempotent::by_key, remembered_days<1>>,
                         op<get_drawing, idempotent::always>>;
};

// Draws once.
template <class Request>
durable<result<drawn>> draws(saga_context<bank_api> ctx, const purchase& m) {
  co_return co_await ctx.ask<bank_api, Request>(m.id, 5);
}

}  // namespace saga_tests
