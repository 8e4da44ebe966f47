// A handler tested alone: fakes answer, time passes at once, and a wrong expectation says expected and actual.
#include <tests/framework/test_kit/a_shop.hpp>

#include <banyan/test_kit/handler_of.hpp>

#include <catch2/catch.hpp>

using namespace kit_test;
using namespace std::chrono_literals;
using Catch::Contains;
using test_kit::expectation_failed;
using test_kit::handler_of;

namespace {

const auto priced = handler_of<quote_price>{}
                        .given([](const get_price& g) {
                          return price{g.sku, 250};
                        })
                        .given<get_rebate>(rebate{10});

}  // namespace

TEST_CASE("a handler's reply or error, and whom it asked, in order") {
  priced.when(get_quote{"A1", 2}).then_reply(quote{"A1", 490}).then_asked(get_price{"A1"}, get_rebate{"A1"});
  const auto unknown = priced.given([](const get_price&) { return error{code::not_found, "no such thing"}; });
  unknown.when(get_quote{"A1", 2}).then_error(code::not_found).then_asked(get_price{"A1"});
  priced.when(get_quote{"A1", 0}).then_error(code::invalid_argument, "quantity").then_asked();
  priced.when(get_quote{"A1", 100}).then_refused("too_many").then_asked();
  CHECK(priced.when(get_quote{"A1", 2}).asked<get_rebate>().at(0).sku == "A1");
}

namespace {

task<result<quote>> asks_for_ever(context<prices_api> ctx, const get_quote& m) {
  for (;;)
    if (auto less = co_await ctx.ask<prices_api, get_rebate>(m.sku)) co_return quote{m.sku, less->pence};
}

}  // namespace

TEST_CASE("a handler that asks again and again without a pause fails its test") {
  const auto asking = handler_of<asks_for_ever>{}.given<get_rebate>(error{code::unavailable, "later"});
  CHECK_THROWS_WITH(asking.when(get_quote{"A1"}), Contains("the handler makes no pause: it has sent "));
}

TEST_CASE("the example of the header") {
  const auto quoting = handler_of<quote_price>{}
                           .given([](const get_price& g) {
                             return price{g.sku, 250};
                           })
                           .given<get_rebate>(error{code::unavailable, "later"}, rebate{10});
  quoting.when(get_quote{"A1", 2}).then_error(code::unavailable).then_asked(get_price{"A1"}, get_rebate{"A1"});
}

TEST_CASE("answers as values come one after the other, the last one again, and in each run anew") {
  const auto prices = handler_of<sum_prices>{}.given<get_price>(price{"", 1}, price{"", 20}, price{"", 300});
  for (int run = 0; run < 2; ++run) CHECK(prices.when(get_total{{"A", "B", "C", "D"}}).answer()->pence == 621);
  const auto counting = handler_of<sum_prices>{}.given([n = 0](const get_price&) mutable { return price{"", ++n}; });
  for (int run = 0; run < 2; ++run) CHECK(counting.when(get_total{{"A", "B", "C"}}).answer()->pence == 6);
}

TEST_CASE("the context has the test's time, command, and caller, and its ids repeat with the command") {
  const instant noon = std::chrono::sys_days{std::chrono::May / 1 / 2026} + 12h;
  const auto prices = handler_of<sum_prices>{}.given<get_price>(price{"A", 5}).at(noon).called_by("ada");
  const auto first = prices.when(get_total{{"A"}}), again = prices.when(get_total{{"A"}});
  CHECK(first.answer()->at == noon);
  CHECK(first.answer()->caller == "ada");
  CHECK(first.answer()->id == again.answer()->id);
  CHECK(first.asked().at(0).command == again.asked().at(0).command);
  const auto other = prices.as_command(uuid_from_name("test", "other")).when(get_total{{"A"}});
  CHECK(first.answer()->id != other.answer()->id);
  CHECK(first.asked().at(0).command != other.asked().at(0).command);
}

TEST_CASE("a call ends at the ambassador's deadline or the request's, whichever is first, in virtual time") {
  // Deadlines of calls are kept to within call_table::resolution.
  const auto took = [](const auto& answer, timespan expected) {
    return answer.took() >= expected && answer.took() <= add_saturating(expected, 2 * call_table::resolution);
  };
  const auto late = priced.takes<get_rebate>(timespan::max());
  const auto ended = late.when(get_quote{"A1", 2});
  ended.then_error(code::deadline_exceeded).then_asked(get_price{"A1"}, get_rebate{"A1"});
  CHECK(took(ended, 1s));  // an ambassador's default
  CHECK(ended.asked().at(1).within == 1s);
  CHECK(took(late.within(400ms).when(get_quote{"A1", 2}).then_error(code::deadline_exceeded), 400ms));
  CHECK(took(priced.takes<get_rebate>(900ms).when(get_quote{"A1", 2}).then_reply(quote{"A1", 490}), 900ms));

  const auto planned = handler_of<quote_price>{quotes()}.takes<get_price>(timespan::max());
  CHECK(took(planned.when(get_quote{"A1", 2}).then_error(code::deadline_exceeded), 300ms));
}

TEST_CASE("a wrong expectation of a handler says expected and actual") {
  const auto good = priced.when(get_quote{"A1", 2});
  CHECK_THROWS_WITH(good.then_reply(quote{"A1", 500}),
                    "the reply differs (- expected, + actual)\n  sku = \"A1\"\n- pence = 500\n+ pence = 490\n");
  CHECK_THROWS_WITH(good.then_error(code::not_found),
                    "expected: an error\n  actual: the reply {\"sku\":\"A1\",\"pence\":490}");
  CHECK_THROWS_WITH(good.then_refused("too_many"), Contains("actual: the reply"));
  CHECK_THROWS_WITH(good.then_asked(get_price{"A1"}, get_rebate{"A2"}),
                    "the requests to services differ (- expected, + actual)\n  [0].prices.get_price.sku = \"A1\"\n"
                    "- [1].prices.get_rebate.sku = \"A2\"\n+ [1].prices.get_rebate.sku = \"A1\"\n");
  CHECK_THROWS_WITH(good.then_asked(get_price{"A1"}), Contains("+ [1].prices.get_rebate.sku = \"A1\""));
  CHECK_THROWS_AS(good.then_asked(get_rebate{"A1"}, get_price{"A1"}), expectation_failed);

  const auto refused = priced.when(get_quote{"A1", 100});
  CHECK_THROWS_WITH(refused.then_reply(quote{}),
                    Contains("expected: a reply\n  actual: refused (too_many): there are not so many"));
  CHECK_THROWS_WITH(refused.then_refused("sold_out"),
                    Contains("expected: refused (sold_out)\n  actual: refused (too_many)"));
  CHECK_THROWS_WITH(refused.then_error(code::not_found), Contains("expected: not_found\n  actual: refused"));
  CHECK_THROWS_WITH(
      priced.when(get_quote{"A1", 0}).then_error(code::invalid_argument, "sku"),
      Contains("expected: invalid_argument at sku\n  actual: invalid_argument at quantity: nothing is wanted"));
}

TEST_CASE("an operation without an answer fails the test, and what a fake throws reaches it") {
  CHECK_THROWS_WITH(
      handler_of<quote_price>{}.given<get_price>(price{"A1", 1}).when(get_quote{"A1", 2}),
      "the handler asks prices.get_rebate, to which the test gives no answer: add given(...)\n{\"sku\":\"A1\"}");
  const auto thrown = priced.given([](const get_price&) -> price { throw std::logic_error{"asked at all"}; });
  CHECK_THROWS_WITH(thrown.when(get_quote{"A1", 2}), "asked at all");
}

TEST_CASE("a reply that loses a member in its JSON reaches the handler as another node would give it") {
  handler_of<least_price>{}.given<get_discount>(discount{{5}}).when(get_least{}).then_reply(quote{"A1", 0});
}

TEST_CASE("a handler that throws is answered `internal`, and a failed expectation tells what it threw") {
  const auto unlucky = priced.when(get_quote{"A1", 13});
  unlucky.then_error(code::internal).then_asked();
  CHECK_THROWS_WITH(unlucky.then_reply(quote{}), Contains("thrown: ") && Contains("no luck"));
}

TEST_CASE("a plan without the handler is refused") {
  CHECK_THROWS_WITH(handler_of<quote_price>{service<prices_api>()},
                    Contains("the plan of prices has no handles<...>{} for"));
}
