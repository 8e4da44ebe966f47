// The checkout, end to end in the test kit.
#include "checkout.hpp"

#include <banyan/test_kit/saga.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop;
using namespace std::chrono_literals;

namespace {

auto a_checkout() {
  return test_kit::saga<check_out>(an_order())
      .named("orders.checkout", "o17")
      .answers<reserve_stock>([](auto& r) { return stock_reserved{r.sku, 3}; })
      .answers<charge>(charged{"ch-17", false})
      .answers<confirm_order>([](auto& r) { return order_state{r.id, "confirmed"}; });
}
auto a_checkout_with_approval() { return a_checkout().answers<charge>(charged{"ch-17", true}); }

const std::vector<std::string> both_released{"inventory.release_stock", "inventory.release_stock"};
const std::vector<std::string> all_undone{"payments.refund", "inventory.release_stock", "inventory.release_stock"};

}  // namespace

TEST_CASE("an order is reserved, charged and confirmed") {
  a_checkout()
      .then_asked({"inventory.reserve_stock", "inventory.reserve_stock", "payments.charge", "orders.confirm_order"})
      .then_undone({})
      .then_reply({"o17", "confirmed"})
      .then_ended(saga_outcome::done);
}

TEST_CASE("a declined charge releases what was reserved, last first") {
  const auto declined = a_checkout().refuses<charge>("declined");
  declined.then_asked({"inventory.reserve_stock", "inventory.reserve_stock", "payments.charge"})
      .then_undone(both_released)
      .then_refused("declined")
      .then_ended(saga_outcome::undone);
  CHECK(from_json<release_stock>(declined.story().undone[0].request.text)->line == 2);
  CHECK(from_json<release_stock>(declined.story().undone[1].request.text)->line == 1);
}

TEST_CASE("what was refused is not undone") {
  a_checkout()
      .answers<reserve_stock>([](auto& r) -> result<stock_reserved> {
        if (r.sku == "A1") return error{code::refused, "none left"}.because("out_of_stock");
        return stock_reserved{r.sku, 3};
      })
      .then_undone({"inventory.release_stock"})
      .then_refused("out_of_stock");
}

TEST_CASE("a lost answer of the charge is asked for again, with the same command") {
  const auto run = a_checkout().loses_answer<charge>(2);
  run.then_reply({"o17", "confirmed"});
  CHECK(run.story().history == a_checkout().story().history);
}

TEST_CASE("the bank approves in time, too late, or not") {
  SECTION("in time") {
    a_checkout_with_approval().at(14min).event("approval", payment_approved{true}).then_reply({"o17", "confirmed"});
  }
  SECTION("too late: the deadline was first, and fifteen minutes cost nothing") {
    const auto late = a_checkout_with_approval().at(16min).event("approval", payment_approved{true});
    late.then_refused("not_approved_in_time").then_undone(all_undone);
    CHECK(late.story().took == timespan{15min});
  }
  SECTION("no") {
    a_checkout_with_approval()
        .at(1min)
        .event("approval", payment_approved{false})
        .then_refused("not_approved")
        .then_undone(all_undone);
  }
}

TEST_CASE("a cancelled checkout is undone, whatever it waits for") {
  SECTION("the bank: the wait ends with the error") {
    a_checkout_with_approval().cancel_at(3s).then_refused("saga_cancelled").then_undone(all_undone);
  }
  SECTION("the charge: its outcome is waited for first, and the pivot refuses") {
    a_checkout().takes<charge>(5s).cancel_at(3s).then_refused("saga_cancelled").then_undone(all_undone);
  }
  SECTION("the confirmation: past the pivot it is too late") {
    a_checkout().takes<confirm_order>(5s).cancel_at(3s).then_reply({"o17", "confirmed"}).then_undone({});
  }
}

TEST_CASE("a refusal after the pivot needs a person") {
  a_checkout()
      .refuses<confirm_order>("no_such_order")
      .then_refused("no_such_order")
      .then_undone({})
      .then_ended(saga_outcome::attention);
}

TEST_CASE("the stored turns look as the contract says") {
  const auto& history = a_checkout().story().history;
  REQUIRE(history.size() == 5);  // one per step, and the start
  CHECK(history[3] ==
        R"({"turn":4,"now":"2026-01-01T00:00:00Z",)"
        R"("because":{"kind":"answered","number":3,"payload":{"ok":{"charge":"ch-17","needs_approval":false}}},)"
        R"("then":[{"kind":"pivot","number":4},)"
        R"({"kind":"step","number":5,"name":"orders.confirm_order","arguments":{"id":"o17"},"command":")" +
            to_string(a_checkout().story().steps[3].command) + R"("}]})");
  CHECK(history[4] == R"({"turn":5,"now":"2026-01-01T00:00:00Z",)"
                      R"("because":{"kind":"answered","number":5,"payload":{"ok":{"id":"o17","status":"confirmed"}}},)"
                      R"("end":{"how":"done","result":{"ok":{"id":"o17","status":"confirmed"}}}})");
}
