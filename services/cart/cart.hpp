// The aggregate of a customer's cart.
//
// At checkout what is in the cart leaves it for the order; what the customer puts in meanwhile stays for the next one.
// If the order is not placed, or rejects lines, they go back, as far as the cart's limits allow: quantities of a SKU
// that is there again are added up. An order that was given up and is placed after all, by another attempt of the same
// checkout, takes them out again.
#pragma once

#include <services/cart/events.hpp>

#include <banyan/event_sourcing/aggregate.hpp>

#include <variant>

namespace shop::cart {

struct cart {
  using command = std::variant<put_line, add_line, remove_line, clear_cart, begin_checkout, end_checkout>;
  using event = std::variant<line_put, cart_cleared, checkout_begun, checkout_ended>;
  struct state {
    std::vector<cart_line> lines;
    std::optional<std::string> order;  // being placed
    std::vector<cart_line> ordered;    // with these lines
    std::optional<std::string> failed; // the last order that was not placed
    std::vector<cart_line> returned;   // what went back into the cart then
    static constexpr auto optional_fields = banyan::fields("returned");
  };
  static banyan::result<void> validate(const command& c);
  static banyan::decision<cart> decide(const state& s, const command& c, const banyan::decision_context& ctx);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(cart::state, (), (lines, order, ordered, failed, returned))

// `lines` with this quantity of the SKU; 0: without it.
void put(std::vector<cart_line>& lines, const std::string& sku, std::int64_t quantity);

}  // namespace shop::cart
