// A subscription tested alone: what it handles, tries again and gives up, and whom it asks meanwhile.
#include <tests/framework/test_kit/a_shop.hpp>

#include <tests/framework/observability/captured_log.hpp>

#include <banyan/test_kit/subscription_of.hpp>

#include <catch2/catch.hpp>

using namespace kit_test;
using namespace std::chrono_literals;
using Catch::Contains;
using test_kit::expectation_failed;
using test_kit::subscription_of;

namespace {

const error later{code::unavailable, "later"};
const auto sending = subscription_of<send_parcel>{quotes()}.given<book_parcel>(booked{"P1"});

}  // namespace

TEST_CASE("an event is handled, or handled after retries") {
  sending.when(goods_sold{"A1", 2}).then_handled().then_attempts(1).then_asked(book_parcel{"A1"});
  const auto retried = sending.given<book_parcel>(later, later, booked{"P1"}).when(goods_sold{"A1", 2});
  retried.then_handled().then_attempts(3).then_asked(book_parcel{"A1"}, book_parcel{"A1"}, book_parcel{"A1"});
  CHECK(retried.attempts().at(0).why->code == code::unavailable);
  CHECK(!retried.attempts().at(2).why);
  CHECK(retried.attempts().at(1).at >= 20ms);
  CHECK(retried.attempts().at(2).at >= 60ms);
  CHECK(retried.asked().at(0).command == retried.asked().at(2).command);
}

TEST_CASE("the example of the header") {
  const test::captured_log log{log_level::error};
  const auto sending =
      subscription_of<send_parcel>{}.given<book_parcel>(error{code::unavailable, "later"}, booked{"P1"});
  sending.when(goods_sold{"A1", 2}).then_handled().then_attempts(2).then_asked(book_parcel{"A1"}, book_parcel{"A1"});
  sending.given<book_parcel>(refuse("too_heavy", "30 kg")).when(goods_sold{"A1", 2}).then_dead_letter(code::refused);
}

TEST_CASE("an event is given up after the attempts that the plan allows") {
  const test::captured_log log{log_level::error};
  const auto given_up = sending.given<book_parcel>(refuse("too_heavy", "30 kg")).when(goods_sold{"A1", 2});
  given_up.then_dead_letter().then_dead_letter(code::refused).then_attempts(3);
  CHECK(given_up.dead_letters().at(0).reason == "refused (too_heavy): 30 kg");

  const auto crashed = sending.when(goods_sold{"A1", 13});
  crashed.then_dead_letter(code::internal).then_attempts(2).then_asked();
  CHECK(crashed.dead_letters().at(0).reason == "poison: crashed its handler 2 times: no luck");

  const subscribes<send_parcel> once{.topic = "goods.sold", .max_attempts = 1};
  subscription_of<send_parcel>{once}
      .given<book_parcel>(later)
      .when(goods_sold{"A1", 2})
      .then_dead_letter(code::unavailable)
      .then_attempts(1);
}

TEST_CASE("a handler that is not over in time is tried again, and so is a call that the ambassador ends") {
  const test::captured_log log{log_level::error};
  const auto late = sending.takes<book_parcel>(timespan::max()).when(goods_sold{"A1", 2});
  late.then_dead_letter(code::deadline_exceeded).then_attempts(3);
  CHECK(late.asked().at(0).within == 2s);
  const auto slow =
      subscription_of<send_parcel>{subscribes<send_parcel>{.topic = "t", .max_attempts = 2, .handle_within = 500ms}};
  const auto cut_off = slow.given<book_parcel>(booked{"P1"}).takes<book_parcel>(1h).when(goods_sold{"A1", 2});
  cut_off.then_dead_letter(code::deadline_exceeded);
  CHECK(cut_off.attempts().at(1).at > 500ms);
}

TEST_CASE("an error of the journal is not counted: the event is tried further") {
  const test::captured_log log{log_level::error};
  const auto full = sending.given<book_parcel>(error{code::exhausted, "the queue is full"}.because("queue_full"));
  const auto held_up = full.for_at_most(10min).when(goods_sold{"A1", 2});
  held_up.then_tried_further();
  CHECK(held_up.attempts().size() > 10);
  CHECK_THROWS_WITH(held_up.then_handled(), Contains("expected: handled\n  actual: tried further after"));
}

TEST_CASE("events of a stream are handled in order, the second one after the first is given up") {
  const test::captured_log log{log_level::error};
  const auto heavy = sending.given([](const book_parcel& b) -> result<booked> {
    if (b.sku == "A1") return refuse("too_heavy", "30 kg");
    return booked{b.sku};
  });
  const auto both = heavy.when_all({goods_sold{"A1", 1}, goods_sold{"A2", 1}});
  both.then_dead_letter(code::refused).then_attempts(4);
  CHECK(both.attempts().at(3).event == 2);
  CHECK(both.asked<book_parcel>().at(3).sku == "A2");
}

TEST_CASE("an event as stored, of an older layout or another version, is decoded as from a journal") {
  const test::captured_log log{log_level::error};
  sending.when_stored(R"({"sku":"A1","quantity":1,"unknown":[1,2]})").then_handled().then_asked(book_parcel{"A1"});
  sending.when_stored(R"({"sku":7})").then_dead_letter(code::corrupt).then_attempts(1).then_asked();
  sending.when_stored(R"({"sku":"A1","quantity":1})", 1).then_dead_letter(code::corrupt).then_attempts(1);
}

TEST_CASE("a wrong expectation of a subscription says expected and actual") {
  const test::captured_log log{log_level::error};
  const auto handled = sending.when(goods_sold{"A1", 2});
  CHECK_THROWS_WITH(handled.then_dead_letter(),
                    Contains("expected: a dead letter\n  actual: handled after 1 attempt\n  event 1 after 0"));
  CHECK_THROWS_WITH(handled.then_attempts(2), Contains("expected: 2 attempts\n  actual: handled after 1 attempt"));
  CHECK_THROWS_WITH(handled.then_tried_further(), Contains("expected: tried further\n  actual: handled"));
  CHECK_THROWS_WITH(handled.then_asked(), Contains("+ [0].parcels.book_parcel.sku = \"A1\""));
  const auto given_up = sending.given<book_parcel>(refuse("too_heavy", "30 kg")).when(goods_sold{"A1", 2});
  CHECK_THROWS_WITH(given_up.then_handled(),
                    Contains("expected: handled\n  actual: a dead letter after 3 attempts\n") &&
                        Contains("dead letter of event 1: refused (too_heavy): 30 kg"));
  CHECK_THROWS_WITH(given_up.then_dead_letter(code::internal),
                    Contains("expected: a dead letter, because of internal\n  actual: a dead letter after 3 attempts"));
}

TEST_CASE("an operation without an answer fails the test of a subscription, and a plan without it is refused") {
  const test::captured_log log{log_level::error};
  CHECK_THROWS_WITH(
      subscription_of<send_parcel>{}.when(goods_sold{"A1", 2}),
      "the handler asks parcels.book_parcel, to which the test gives no answer: add given(...)\n{\"sku\":\"A1\"}");
  CHECK_THROWS_WITH(subscription_of<ignore>{quotes()},
                    Contains("the plan of quotes has no subscribes<...>{} with this handler"));
  subscription_of<ignore>{}.when(goods_sold{"A1", 2}).then_handled().then_asked();
}
