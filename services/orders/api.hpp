// The API of the orders service: the operations that other services and the edge may call.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/plan/operation.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shop::orders {

enum class order_status : std::uint8_t { placed, confirmed, cancelled };
BOOST_DESCRIBE_ENUM(order_status, placed, confirmed, cancelled)

struct line_request {
  int line = 0;                              // identity within the order: an order may have two lines of one SKU
  std::string sku;
  std::int64_t quantity = 0;                 // negative: goods that come back; at most 10^9 either way
  std::optional<std::string> unit_price;     // pounds as a decimal, "2.55"; absent: the catalog's price. A line's value, and an order's, is
                                             // at most 10^12 pence either way; prices are rounded to pence half up, per unit
  std::optional<std::string> description;    // for people: at most 2,000 characters
};
BOOST_DESCRIBE_STRUCT(line_request, (), (line, sku, quantity, unit_price, description))

struct rejected_line {
  int line = 0;
  std::string reason;                        // "unit_price_not_positive", "quantity_zero", "unknown_sku"
  std::int64_t value_minor = 0;              // quantity x unit price, as it would have counted
};
BOOST_DESCRIBE_STRUCT(rejected_line, (), (line, reason, value_minor))

struct order_reply {
  std::string id;
  order_status status = order_status::placed;
  banyan::money total;
  int accepted_lines = 0;
  std::vector<rejected_line> rejected;
};
BOOST_DESCRIBE_STRUCT(order_reply, (), (id, status, total, accepted_lines, rejected))

// An order as a customer sends it: lines without a price get the catalog's. Whether a line's goods leave a stock is the catalog's word as
// well. A SKU that the catalog does not know is rejected as "unknown_sku" when it has no price of its own; with a price it counts as goods:
// the product may be so new that the catalog does not show it yet, and to sell without stock what has one is the worse mistake. So it is
// sold when inventory has received it, and the order is cancelled as out of stock when not. List services such as postage first.
struct checkout {
  using reply = order_reply;
  static constexpr auto optional_fields = banyan::fields("kind");
  std::optional<std::string> id;             // the order's identity; absent: made here
  std::optional<std::string> customer;       // absent: a guest
  std::optional<banyan::instant> placed_at;  // absent: now
  std::string kind = "sale";                 // or "return"; what moves is told by the lines' quantities, whose signs may be mixed in both
  std::vector<line_request> lines;
  // The token of the card that pays, if the total is positive; absent: payments::default_card.
  std::optional<std::string> payment{};
  std::string idempotency_key() const { return id.value_or(""); }
  static banyan::result<void> validate(const checkout& c);  // finds what is wrong whatever the catalog says
};
BOOST_DESCRIBE_STRUCT(checkout, (), (id, customer, placed_at, kind, lines, payment))

// What the catalog said of a SKU when it was asked for an order.
struct listed_sku {
  std::string sku;
  banyan::money price;
  bool stocked = true;
};
BOOST_DESCRIBE_STRUCT(listed_sku, (), (sku, price, stocked))

// The same, and what the catalog says of its SKUs: what the order's aggregate decides on. An order sent twice is the same order although
// the catalog has changed its mind meanwhile: its answer is no part of what was asked.
struct place_order {
  using reply = order_reply;
  std::string id;
  std::optional<std::string> customer;
  std::optional<banyan::instant> placed_at;
  std::string kind;
  std::vector<line_request> lines;
  std::optional<std::vector<listed_sku>> listed{};
  std::optional<std::string> payment{};
  std::string idempotency_key() const { return id; }
  std::string identity() const { return banyan::to_json(checkout{id, customer, placed_at, kind, lines, payment}); }
};
BOOST_DESCRIBE_STRUCT(place_order, (), (id, customer, placed_at, kind, lines, listed, payment))

struct order_state_reply {
  std::string id;
  order_status status = order_status::placed;
};
BOOST_DESCRIBE_STRUCT(order_state_reply, (), (id, status))

// The order itself, not its view, which follows.
struct review_order {
  using reply = order_state_reply;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(review_order, (), (id))

// The goods are taken from the stock, and the acquirer is to be asked for the money. Decided anew each time it is
// asked, as the order may be cancelled meanwhile: refused with reason "order_cancelled" then. A confirmed order stays
// confirmed.
struct await_payment {
  using reply = order_state_reply;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(await_payment, (), (id))

// A line whose goods come in, now that the order is confirmed.
struct returned_line {
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;   // negative
  std::optional<bool> stocked{};
};
BOOST_DESCRIBE_STRUCT(returned_line, (), (line, sku, quantity, stocked))

struct confirmed_order {
  std::string id;
  order_status status = order_status::confirmed;
  std::optional<std::vector<returned_line>> returned{};  // absent: none
};
BOOST_DESCRIBE_STRUCT(confirmed_order, (), (id, status, returned))

// The goods are out of stock and on their way, and paid.
struct confirm_order {
  using reply = confirmed_order;
  std::string id;
  std::string idempotency_key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(confirm_order, (), (id))

// Refused with reason "goods_came_back" when the order is confirmed and brought goods back: they may be sold again already.
struct cancel_order {
  using reply = order_state_reply;
  static constexpr auto optional_fields = banyan::fields("reason");
  std::string id;
  std::string reason = "customer";
};
BOOST_DESCRIBE_STRUCT(cancel_order, (), (id, reason))

// Its checkout has failed: it is cancelled, unless it is already. Also when it is confirmed; what it brings back has
// not come in then.
struct abandon_order {
  using reply = order_state_reply;
  std::string id, reason;
};
BOOST_DESCRIBE_STRUCT(abandon_order, (), (id, reason))

// The payment of an order has ended; `failure` is empty when the money is there. Concerns only an order that waited for
// it when there were no sagas: it is confirmed or cancelled. Any other stays as it is.
struct conclude_earlier_order {
  using reply = confirmed_order;
  std::string id, failure;
};
BOOST_DESCRIBE_STRUCT(conclude_earlier_order, (), (id, failure))

struct order_line_view {
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;
  banyan::money unit_price, total;
};
BOOST_DESCRIBE_STRUCT(order_line_view, (), (line, sku, quantity, unit_price, total))

struct order_view {
  std::string id;
  std::optional<std::string> customer;
  banyan::instant placed_at;
  std::string kind;
  order_status status = order_status::placed;
  std::optional<std::string> cancel_reason;
  std::vector<order_line_view> lines;
  banyan::money total;
  std::optional<std::string> status_reason{};  // of an open order whose goods are reserved: "waiting for the acquirer"
};
BOOST_DESCRIBE_STRUCT(order_view, (),
                      (id, customer, placed_at, kind, status, cancel_reason, lines, total, status_reason))

struct get_order {
  using reply = order_view;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(get_order, (), (id))

struct order_summary {
  std::string id;
  banyan::instant placed_at;
  order_status status = order_status::placed;
  banyan::money total;
  std::optional<std::string> status_reason{};  // as in the order
};
BOOST_DESCRIBE_STRUCT(order_summary, (), (id, placed_at, status, total, status_reason))

struct order_list {
  std::vector<order_summary> orders;
  std::optional<std::string> next;   // pass as `after` for the page that follows
};
BOOST_DESCRIBE_STRUCT(order_list, (), (orders, next))

// Newest first.
struct get_customer_orders {
  using reply = order_list;
  static constexpr auto optional_fields = banyan::fields("limit");
  std::string id;
  std::optional<std::string> after;  // the last order of the page before; after any other there is nothing
  int limit = 50;
};
BOOST_DESCRIBE_STRUCT(get_customer_orders, (), (id, after, limit))

struct month_sales {
  std::string month;   // "2010-12", UTC
  banyan::money total;
  std::int64_t orders = 0, lines = 0;
};
BOOST_DESCRIBE_STRUCT(month_sales, (), (month, total, orders, lines))

struct sales_report {
  banyan::money total;
  std::int64_t orders = 0, lines = 0;
  std::vector<month_sales> months;
};
BOOST_DESCRIBE_STRUCT(sales_report, (), (total, orders, lines, months))

struct get_sales_report {
  using reply = sales_report;
};
BOOST_DESCRIBE_STRUCT(get_sales_report, (), ())

// Orders whose goods are reserved and whose money is not there yet.
struct waiting_orders {
  std::int64_t count = 0;
  std::vector<order_summary> oldest;  // by the time they were placed; at most 50
};
BOOST_DESCRIBE_STRUCT(waiting_orders, (), (count, oldest))

struct get_waiting_orders {
  using reply = waiting_orders;
};
BOOST_DESCRIBE_STRUCT(get_waiting_orders, (), ())

struct orders_api {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<
      banyan::op<checkout, banyan::idempotent::by_key>, banyan::op<place_order, banyan::idempotent::by_key>,
      banyan::op<review_order, banyan::idempotent::always>, banyan::op<abandon_order, banyan::idempotent::always>,
      banyan::op<conclude_earlier_order, banyan::idempotent::always>,
      banyan::op<await_payment, banyan::idempotent::always>, banyan::op<confirm_order, banyan::idempotent::by_key>,
      banyan::op<cancel_order, banyan::idempotent::by_key>, banyan::op<get_order, banyan::idempotent::always>,
      banyan::op<get_customer_orders, banyan::idempotent::always>,
      banyan::op<get_waiting_orders, banyan::idempotent::always>,
      banyan::op<get_sales_report, banyan::idempotent::always>>;
};

}  // namespace shop::orders
