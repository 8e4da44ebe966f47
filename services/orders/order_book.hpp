// The view behind "my orders" and the page of one order.
#pragma once

#include <services/orders/events.hpp>

#include <banyan/core/result.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <variant>

namespace shop::orders {

struct order_book {
  using events = std::variant<order_placed, payment_awaited, order_confirmed, order_cancelled>;
  using queries = std::variant<get_order, get_customer_orders, get_waiting_orders>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<order_view> answer(banyan::view_reader& v, const get_order& q);
  static banyan::result<order_list> answer(banyan::view_reader& v, const get_customer_orders& q);
  static banyan::result<waiting_orders> answer(banyan::view_reader& v, const get_waiting_orders& q);
};

// The view behind the sales report: money, orders and lines per month of placing; a cancelled order does not count.
struct sales_by_month {
  using events = std::variant<order_placed, order_cancelled>;
  using queries = std::variant<get_sales_report>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<sales_report> answer(banyan::view_reader& v, const get_sales_report& q);
};

}  // namespace shop::orders
