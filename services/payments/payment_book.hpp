// The view behind "where is the money": payments by order, those that wait, and those that somebody has to look into.
#pragma once

#include <services/payments/events.hpp>

#include <banyan/core/result.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <variant>

namespace shop::payments {

struct payment_book {
  using events = std::variant<payment_requested, payment_concluded, payment_voided, refund_requested, payment_refunded,
                              settlement_recorded>;
  using queries = std::variant<get_payment, get_payments, get_payments_report>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<payment_view> answer(banyan::view_reader& v, const get_payment& q);
  static banyan::result<payment_list> answer(banyan::view_reader& v, const get_payments& q);
  static banyan::result<payments_report> answer(banyan::view_reader& v, const get_payments_report& q);
};

}  // namespace shop::payments
