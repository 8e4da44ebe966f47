// The sagas of an order alone: what is asked of inventory, of payments and of orders itself, what is undone, the end.
#include <services/orders/checkout.hpp>
#include <services/payments/events.hpp>

#include <banyan/test_kit/saga.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

namespace inventory = shop::inventory;
namespace orders = shop::orders;
namespace payments = shop::payments;
using inventory::stock_taken;
using inventory::take_stock;
using orders::abandon_order;
using orders::await_payment;
using orders::confirm_order;
using orders::confirmed_order;
using orders::order_state_reply;
using orders::order_status;
using orders::order_withdrawn;
using orders::review_order;
using payments::charge;
using payments::conclusion;
using payments::payment_concluded;
using payments::payment_reply;
using payments::payment_state_reply;
using payments::payment_status;
using payments::refund;
using payments::review_payment;
using names = std::vector<std::string>;

const money price{610, "GBP"}, nothing{0, "GBP"};

// An order of 2 of A and of 1 of B.
orders::order_placed an_order() {
  return {"1", {}, {}, "sale", {{1, "A", 2, 255, 510, true}, {2, "B", 1, 100, 100, true}}, {}, price, "tok_visa"};
}
const order_state_reply placed{"1", order_status::placed}, cancelled{"1", order_status::cancelled};
const confirmed_order confirmed{"1", order_status::confirmed, {}};

auto a_checkout(const orders::order_placed& order = an_order()) {
  return test_kit::saga<orders::check_out>(order)
      .named("orders.checkout", "1")
      .answers<review_order>(placed)
      .answers<take_stock>([](auto& m) { return stock_taken{m.sku, 3, true}; })
      .answers<await_payment>(placed)
      .answers<charge>(payment_reply{"1", payment_status::requested, price})
      .answers<confirm_order>(confirmed)
      .answers<abandon_order>(cancelled);
}
payment_concluded concluded(conclusion how) {
  return {"1", "key", how, "ch_1", how == conclusion::declined ? nothing : price, "why"};
}
auto paid(timespan at = 2s) { return a_checkout().at(at).event("payment", concluded(conclusion::captured)); }

const names reserved{"orders.review_order", "inventory.take_stock", "inventory.take_stock"};
names after(names first, const names& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}
const names charged = after(reserved, {"orders.await_payment", "payments.charge"});
const names goods_back{"inventory.take_stock", "inventory.take_stock", "orders.abandon_order"};
const names all_back{"payments.call_off", "inventory.take_stock", "inventory.take_stock", "orders.abandon_order"};

template <class Request>
Request request_in(const test_kit::asked_of_saga& asked) {
  return from_json<Request>(asked.request.text).value();
}

}  // namespace

TEST_CASE("an order is reserved, charged, and confirmed when its payment is approved") {
  const auto run = paid();
  run.then_asked(after(charged, {"orders.confirm_order"})).then_undone({}).then_reply({"1", order_status::confirmed});
  CHECK(run.story().took == timespan{2s});
  const auto first = request_in<take_stock>(run.story().steps[1]);
  CHECK(to_json(first) == to_json(take_stock{"A", "1", 1, 2, "sale", true}));
  CHECK(request_in<charge>(run.story().steps[4]).card == "tok_visa");
}

TEST_CASE("an order that names no card is charged to the default one, as one from before there were payments") {
  auto guest = an_order();
  guest.payment.reset();
  const auto run = a_checkout(guest).at(1s).event("payment", concluded(conclusion::captured));
  CHECK(request_in<charge>(run.story().steps[4]).card == "tok_ok");
}

TEST_CASE("a movement and a charge have the ids of their own keys, whoever asks for them") {
  const auto& steps = paid().story().steps;
  CHECK(steps[1].command == uuid_from_name("take_stock", "1/1/A/sale"));
  CHECK(steps[4].command == uuid_from_name("charge", "1"));
  const auto& undone = a_checkout().refuses<charge>("payment_voided").story().undone;
  REQUIRE(undone.size() == 3);
  CHECK(undone[0].command == uuid_from_name("take_stock", "1/2/B/give_back"));
  CHECK(undone[1].command == uuid_from_name("take_stock", "1/1/A/give_back"));
}

TEST_CASE("what is out of stock cancels the order, and then what was taken comes back") {
  const auto lacking = a_checkout().answers<take_stock>([](auto& m) -> result<stock_taken> {
    if (m.sku == "B") return error{code::refused, "none is left"}.because("out_of_stock");
    return stock_taken{m.sku, 0, true};
  });
  lacking.then_asked(after(reserved, {"orders.abandon_order"}))
      .then_undone({"inventory.take_stock", "orders.abandon_order"})
      .then_refused("out_of_stock");
  const auto story = lacking.story();
  CHECK(to_json(request_in<take_stock>(story.undone[0])) == to_json(take_stock{"A", "1", 1, -2, "give_back", true}));
  CHECK(request_in<abandon_order>(story.steps[3]).reason == "out_of_stock");
}

TEST_CASE("a declined card, or a payment that does not match, cancels the order and is undone") {
  for (const auto& [how, reason] : {std::pair{conclusion::declined, "payment_declined"},
                                    std::pair{conclusion::mismatched, "payment_mismatched"}}) {
    const auto failed = a_checkout().at(1s).event("payment", concluded(how));
    failed.then_asked(after(charged, {"orders.abandon_order"})).then_undone(all_back).then_refused(reason);
    CHECK(request_in<abandon_order>(failed.story().steps[5]).reason == reason);
  }
}

TEST_CASE("a payment is waited for a day, then it is looked at") {
  const auto with = [](payment_status status, bool known) {
    return a_checkout().answers<review_payment>(
        payment_state_reply{"1", "key", status, known, price, "tok_visa", std::nullopt});
  };
  SECTION("nobody approved it") {
    const auto late = with(payment_status::requested, false);
    late.then_asked(after(charged, {"payments.review_payment", "orders.abandon_order"}))
        .then_undone(all_back)
        .then_refused("payment_not_approved_in_time");
    CHECK(late.story().took == timespan{24h});
  }
  SECTION("it was approved, and the event was lost") {
    with(payment_status::captured, true)
        .then_asked(after(charged, {"payments.review_payment", "orders.confirm_order"}))
        .then_reply({"1", order_status::confirmed});
  }
  SECTION("it was declined") { with(payment_status::declined, true).then_refused("payment_declined"); }
  SECTION("just in time") { paid(23h + 59min).then_reply({"1", order_status::confirmed}); }
}

TEST_CASE("a customer who cancels while the payment is waited for gets goods and money back") {
  a_checkout()
      .at(1h)
      .event("cancelled", order_withdrawn{"1", "customer"})
      .then_asked(after(charged, {"orders.abandon_order"}))
      .then_undone(all_back)
      .then_refused("order_cancelled");
}

TEST_CASE("an order that was cancelled before it waits for its money is not charged") {
  a_checkout()
      .refuses<await_payment>("order_cancelled")
      .then_asked(after(reserved, {"orders.await_payment", "orders.abandon_order"}))
      .then_undone(goods_back)
      .then_refused("order_cancelled");
}

TEST_CASE("an order that was cancelled when its money came is paid back") {
  paid()
      .refuses<confirm_order>("order_cancelled")
      .then_asked(after(charged, {"orders.confirm_order", "orders.abandon_order"}))
      .then_undone(all_back)
      .then_refused("order_cancelled");
}

TEST_CASE("an order whose payment was called off is not charged, and its goods come back") {
  a_checkout().refuses<charge>("payment_voided").then_undone(goods_back).then_refused("payment_voided");
}

TEST_CASE("a lost answer is asked for again, and changes nothing") {
  const auto run = paid().loses_answer<charge>(2).loses_answer<take_stock>(1);
  run.then_reply({"1", order_status::confirmed});
  CHECK(run.story().history.back() == paid().story().history.back());
}

TEST_CASE("a checkout that is stopped by an operator cancels its order, whatever it is doing") {
  SECTION("reserving: what is under way is settled first") {
    a_checkout().takes<take_stock>(5s).cancel_at(3s).then_undone(goods_back).then_refused("saga_cancelled");
  }
  SECTION("waiting for the payment") {
    a_checkout().cancel_at(1h).then_undone(all_back).then_refused("saga_cancelled");
  }
  SECTION("confirming: the order is cancelled again, before its money and goods come back") {
    paid().takes<confirm_order>(5s).cancel_at(3s).then_refused("saga_cancelled").then_undone(
        after({"orders.abandon_order"}, all_back));
  }
  SECTION("from its record alone") { a_checkout().abort_at(1h).then_undone(all_back).then_refused("saga_aborted"); }
}

TEST_CASE("an order that costs nothing or pays out is not charged, and what it brings back comes in at the end") {
  for (const std::int64_t total : {0, -610}) {
    auto free = an_order();
    free.total.minor = total;
    const confirmed_order with_goods{"1", order_status::confirmed, {{{3, "OLD", -1, true}}}};
    const auto run = a_checkout(free).answers<confirm_order>(with_goods);
    run.then_asked(after(reserved, {"orders.confirm_order", "inventory.take_stock"})).then_undone({});
    CHECK(to_json(request_in<take_stock>(run.story().steps[4])) ==
          to_json(take_stock{"OLD", "1", 3, -1, "sale", true}));
  }
}

TEST_CASE("an order that was confirmed before there were sagas is not charged again") {
  a_checkout()
      .answers<await_payment>(order_state_reply{"1", order_status::confirmed})
      .then_asked(after(reserved, {"orders.await_payment", "orders.confirm_order"}))
      .then_reply({"1", order_status::confirmed});
}

TEST_CASE("an order of 300 lines is reserved in parts, and undone line by line") {
  auto large = an_order();
  large.lines.clear();
  for (int i = 1; i <= 300; ++i) large.lines.push_back({i, "A", 1, 1, 1, true});
  a_checkout(large)
      .refuses<await_payment>("order_cancelled")
      .then_undone(after(names(300, "inventory.take_stock"), {"orders.abandon_order"}));
}

namespace {

auto a_return(bool was_confirmed, std::optional<bool> was_charged, std::optional<bool> by_checkout = {}) {
  const orders::order_cancelled gone{"1",   "customer",  {},         was_confirmed, an_order().lines,
                                     price, was_charged, by_checkout};
  return test_kit::saga<orders::take_back>(gone)
      .answers<take_stock>([](auto& m) { return stock_taken{m.sku, 3, true}; })
      .answers<refund>(payment_reply{"1", payment_status::refunding, price});
}

}  // namespace

TEST_CASE("an order that is cancelled after it was confirmed gives its money back, and its goods go back into stock") {
  const auto run = a_return(true, true);
  run.then_asked({"payments.refund", "inventory.take_stock", "inventory.take_stock"})
      .then_reply(order_state_reply{"1", order_status::cancelled});
  CHECK(to_json(request_in<take_stock>(run.story().steps[1])) ==
        to_json(take_stock{"A", "1", 1, -2, "give_back", true}));
  CHECK(request_in<refund>(run.story().steps[0]).reason == "customer");
}

TEST_CASE("an order that cost nothing gives back its goods, and one that was not confirmed nothing") {
  a_return(true, {}).then_asked({"inventory.take_stock", "inventory.take_stock"});
  a_return(false, {}).then_asked({});
}

TEST_CASE("an order whose checkout undoes what it did has nothing else to give back") {
  a_return(false, true, true).then_asked({});
  a_return(true, true, true).then_asked({});
}

TEST_CASE("an order that waited for its money when there were no sagas gives both back") {
  a_return(false, true).then_asked({"payments.refund", "inventory.take_stock", "inventory.take_stock"});
}
