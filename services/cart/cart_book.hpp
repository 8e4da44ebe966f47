// The view behind "what is in my cart".
#pragma once

#include <services/cart/events.hpp>

#include <banyan/core/result.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <variant>

namespace shop::cart {

struct cart_book {
  using events = std::variant<line_put, cart_cleared, checkout_begun, checkout_ended>;
  using queries = std::variant<get_cart>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<cart_view> answer(banyan::view_reader& v, const get_cart& q);
};

}  // namespace shop::cart
