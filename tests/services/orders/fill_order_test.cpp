// The subscriptions of orders alone: what is asked of inventory, of payments and of orders itself for each event.
#include <services/inventory/api.hpp>
#include <services/orders/api.hpp>
#include <services/orders/events.hpp>
#include <services/orders/fulfilment.hpp>
#include <services/orders/service.hpp>
#include <services/payments/events.hpp>

#include <banyan/test_kit/subscription_of.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

namespace inventory = shop::inventory;
namespace orders = shop::orders;
namespace payments = shop::payments;
using inventory::stock_taken;
using inventory::take_stock;
using orders::await_payment;
using orders::cancel_order;
using orders::confirm_order;
using orders::confirmed_order;
using orders::order_state_reply;
using orders::order_status;
using payments::charge;
using payments::conclusion;
using payments::payment_concluded;
using payments::payment_reply;
using payments::payment_status;
using payments::refund;

const money price{610, "GBP"}, nothing{0, "GBP"};

// An order of 2 of A, which are there, and of 1 of LATER.
const orders::order_placed order{
    "1", {}, {}, "sale", {{1, "A", 2, 255, 510, true}, {2, "LATER", 1, 100, 100, true}}, {}, price, "tok_visa"};
const take_stock a{"A", "1", 1, 2, "sale", true}, later{"LATER", "1", 2, 1, "sale", true};
take_stock back(take_stock taken) {
  taken.quantity = -taken.quantity;
  taken.purpose = "give_back";
  return taken;
}
const error out_of_stock = refuse("out_of_stock", "none is left"), not_now{code::unavailable, "not now"};
const error gone_already = refuse("order_cancelled", "the order is cancelled");
const order_state_reply placed{"1", order_status::placed}, cancelled{"1", order_status::cancelled};
const confirmed_order confirmed{"1", order_status::confirmed, {}};
const payment_reply requested{"1", payment_status::requested, price};
const await_payment waits{"1"};
const charge charged{"1", price, "tok_visa"};

const auto filling =
    test_kit::subscription_of<orders::fill_order>{orders::describe()}.given<take_stock>(stock_taken{"", 0, true});
const auto paying = filling.given<await_payment>(placed).given<charge>(requested);
// A is taken; of LATER there is none yet.
const auto lacking = filling.given([](const take_stock& t) -> result<stock_taken> {
  if (t.sku == "LATER" && t.quantity > 0) return out_of_stock;
  return stock_taken{t.sku, 0, true};
});

const auto concluding =
    test_kit::subscription_of<orders::conclude_order>{orders::describe()}.given<take_stock>(stock_taken{"", 0, true});
payment_concluded concluded(conclusion how) {
  return {"1", "key", how, "ch_1", how == conclusion::captured ? price : nothing, "why"};
}

}  // namespace

TEST_CASE("an order waits for its money when all lines are taken, and else is cancelled before anything comes back") {
  paying.when(order).then_handled().then_asked(a, later, waits, charged);
  lacking.given<cancel_order>(cancelled).when(order).then_handled().then_asked(
      a, later, cancel_order{"1", "out_of_stock"}, back(a));
}

TEST_CASE("an order that names no card is charged to the default one, as one from before there were payments") {
  auto guest = order;
  guest.payment.reset();
  paying.when(guest).then_handled().then_asked(a, later, waits, charge{"1", price, "tok_ok"});
}

TEST_CASE("an order that costs nothing or pays out is confirmed without a payment, and what it brings back comes in") {
  for (const std::int64_t total : {0, -610}) {
    auto free = order;
    free.total.minor = total;
    const confirmed_order with_goods{"1", order_status::confirmed, {{{3, "OLD", -1, true}}}};
    filling.given<confirm_order>(with_goods)
        .when(free)
        .then_handled()
        .then_asked(a, later, confirm_order{"1"}, take_stock{"OLD", "1", 3, -1, "sale", true});
  }
}

TEST_CASE("an order that is cancelled before it waits for its money gives back what it took, and is not charged") {
  filling.given<await_payment>(gone_already)
      .when(order)
      .then_handled()
      .then_asked(a, later, waits, back(a), back(later));
}

TEST_CASE("an order whose payment was called off is not charged, and its goods come back") {
  paying.given<charge>(refuse("payment_voided", "called off"))
      .when(order)
      .then_handled()
      .then_asked(a, later, waits, charged, back(a), back(later));
}

TEST_CASE("an order whose payment can not be requested for now asks again, and takes nothing twice") {
  paying.given<charge>(not_now, requested)
      .when(order)
      .then_handled()
      .then_attempts(2)
      .then_asked(a, later, waits, charged, a, later, waits, charged);
}

TEST_CASE("an order is confirmed when its money is captured, and then what it brings back comes in") {
  concluding.given<confirm_order>(confirmed)
      .when(concluded(conclusion::captured))
      .then_handled()
      .then_asked(confirm_order{"1"});
  const confirmed_order with_goods{"1", order_status::confirmed, {{{3, "OLD", -1, true}}}};
  concluding.given<confirm_order>(with_goods)
      .given<take_stock>(not_now, stock_taken{"", 0, true})
      .when(concluded(conclusion::captured))
      .then_handled()
      .then_attempts(2);
}

TEST_CASE("an order whose money is captured after it was cancelled is left to its cancellation") {
  concluding.given<confirm_order>(gone_already)
      .when(concluded(conclusion::captured))
      .then_handled()
      .then_asked(confirm_order{"1"});
}

TEST_CASE("an order whose card is declined, or whose payment does not match, is cancelled") {
  const auto failing = concluding.given<cancel_order>(cancelled);
  failing.when(concluded(conclusion::declined)).then_handled().then_asked(cancel_order{"1", "payment_declined"});
  failing.when(concluded(conclusion::mismatched)).then_handled().then_asked(cancel_order{"1", "payment_mismatched"});
  concluding.given<cancel_order>(gone_already).when(concluded(conclusion::declined)).then_handled();
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
                             .given<await_payment>(gone_already);
  there_now.when(order).then_handled().then_attempts(2).then_asked(a, later, cancel_order{"1", "out_of_stock"}, back(a),
                                                                   a, later, waits, back(a), back(later));
}

TEST_CASE("an order that is cancelled while its goods are taken gives back what moved, and nothing that has no stock") {
  const auto untracked = filling.given([](const take_stock& t) {
                                  return stock_taken{t.sku, 0, t.sku == "A"};
                                })
                             .given<await_payment>(gone_already);
  untracked.when(order).then_handled().then_asked(a, later, waits, back(a));
}

TEST_CASE(
    "a cancelled order that was confirmed, or had reserved its goods, gives back goods and money, and any other "
    "nothing") {
  const auto taking_back = test_kit::subscription_of<orders::take_back>{orders::describe()}
                               .given<take_stock>(not_now, stock_taken{"", 0, true})
                               .given<refund>(not_now, payment_reply{"1", payment_status::refunding, price});
  const orders::order_cancelled gone{"1", "customer", {}, true, order.lines, price, true};
  const refund paid_back{"1", "customer"};
  taking_back.when(gone).then_handled().then_attempts(3).then_asked(back(a), back(later), back(a), back(later),
                                                                    paid_back, back(a), back(later), paid_back);
  auto reserved = gone;
  reserved.was_confirmed = false;
  taking_back.when(reserved).then_handled().then_attempts(3);
  auto free = gone;  // or from before there were payments
  free.was_charged.reset();
  taking_back.when(free).then_handled().then_asked(back(a), back(later), back(a), back(later));
  auto never_filled = free;
  never_filled.was_confirmed = false;
  taking_back.when(never_filled).then_handled().then_asked();
}
