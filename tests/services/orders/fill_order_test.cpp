// The subscriptions of orders alone: what is asked of inventory and of orders itself for each event.
#include <services/inventory/api.hpp>
#include <services/orders/api.hpp>
#include <services/orders/events.hpp>
#include <services/orders/fulfilment.hpp>
#include <services/orders/service.hpp>

#include <banyan/test_kit/subscription_of.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

namespace inventory = shop::inventory;
namespace orders = shop::orders;
using inventory::stock_taken;
using inventory::take_stock;
using orders::cancel_order;
using orders::confirm_order;
using orders::order_state_reply;
using orders::order_status;

// An order of 2 of A, which are there, and of 1 of LATER.
const orders::order_placed order{
    "1", {}, {}, "sale", {{1, "A", 2, 255, 510, true}, {2, "LATER", 1, 100, 100, true}}, {}, {610, "GBP"}};
const take_stock a{"A", "1", 1, 2, "sale", true}, later{"LATER", "1", 2, 1, "sale", true};
take_stock back(take_stock taken) {
  taken.quantity = -taken.quantity;
  taken.purpose = "give_back";
  return taken;
}
const error out_of_stock = refuse("out_of_stock", "none is left"), not_now{code::unavailable, "not now"};
const order_state_reply confirmed{"1", order_status::confirmed}, cancelled{"1", order_status::cancelled};

const auto filling =
    test_kit::subscription_of<orders::fill_order>{orders::describe()}.given<take_stock>(stock_taken{"", 0, true});
// A is taken; of LATER there is none yet.
const auto lacking = filling.given([](const take_stock& t) -> result<stock_taken> {
  if (t.sku == "LATER" && t.quantity > 0) return out_of_stock;
  return stock_taken{t.sku, 0, true};
});

}  // namespace

TEST_CASE("an order is confirmed when all lines are taken, and else cancelled before anything comes back") {
  filling.given<confirm_order>(confirmed).when(order).then_handled().then_asked(a, later, confirm_order{"1"});
  lacking.given<cancel_order>(cancelled).when(order).then_handled().then_asked(
      a, later, cancel_order{"1", "out_of_stock"}, back(a));
}

TEST_CASE("an order whose cancellation can not be recorded has given nothing back") {
  const auto refused = lacking.given<cancel_order>(not_now, cancelled).when(order);
  const cancel_order cancel{"1", "out_of_stock"};
  refused.then_handled().then_attempts(2).then_asked(a, later, cancel, a, later, cancel, back(a));
}

TEST_CASE("an order whose goods have begun to come back is cancelled, although what it lacked is there by then") {
  // Taken; refused; not given back for now; both taken; both given back.
  const stock_taken moved{"", 0, true};
  const auto there_now = filling.given<take_stock>(moved, out_of_stock, not_now, moved)
                             .given<cancel_order>(cancelled)
                             .given<confirm_order>(refuse("order_cancelled", "the order is cancelled"));
  there_now.when(order).then_handled().then_attempts(2).then_asked(a, later, cancel_order{"1", "out_of_stock"}, back(a),
                                                                   a, later, confirm_order{"1"}, back(a), back(later));
}

TEST_CASE("an order that is cancelled while its goods are taken gives back what moved, and nothing that has no stock") {
  const auto untracked = filling.given([](const take_stock& t) {
                                  return stock_taken{t.sku, 0, t.sku == "A"};
                                })
                             .given<confirm_order>(refuse("order_cancelled", "the order is cancelled"));
  untracked.when(order).then_handled().then_asked(a, later, confirm_order{"1"}, back(a));
}

TEST_CASE("what a confirmed order took comes back when it is cancelled, and of any other order nothing moves") {
  const auto restocking = test_kit::subscription_of<orders::restock>{orders::describe()}.given<take_stock>(
      not_now, stock_taken{"", 0, true});
  const orders::order_cancelled gone{"1", "customer", {}, true, order.lines, {610, "GBP"}};
  restocking.when(gone).then_handled().then_attempts(2).then_asked(back(a), back(later), back(a), back(later));
  auto never_filled = gone;
  never_filled.was_confirmed = false;
  restocking.when(never_filled).then_handled().then_asked();
}
