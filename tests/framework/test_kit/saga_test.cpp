// A saga tested alone. The test kit itself must be able to fail.
#include <tests/framework/saga/bank.hpp>
#include <tests/framework/saga/checkout.hpp>

#include <banyan/test_kit/saga.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace banyan;
using namespace shop;
using namespace std::chrono_literals;
using Catch::Contains;
using test_kit::expectation_failed;

namespace {

const auto checkout = test_kit::saga<check_out>(an_order())
                          .named("orders.checkout", "o17")
                          .answers<reserve_stock>([](auto& r) { return stock_reserved{r.sku, 3}; })
                          .answers<charge>(charged{"ch-17", false})
                          .answers<confirm_order>([](auto& r) { return order_state{r.id, "confirmed"}; });

template <class F>
std::string failure(F expectation) {
  try {
    expectation();
  } catch (const expectation_failed& e) {
    return e.what();
  }
  return "nothing failed";
}

durable<result<order_state>> depends_on_a_global(checkout_context ctx, const order_placed& e) {
  static int calls = 0;
  auto text = e.id + std::to_string(++calls);
  co_return co_await ctx.ask<orders_api, confirm_order>(text);
}
int frames = 0;
durable<result<order_state>> counts_its_frames(checkout_context ctx, const order_placed& e) {
  ++frames;
  auto first = co_await ctx.ask<orders_api, confirm_order>(e.id);
  if (frames > 1) co_return order_state{e.id, "again"};
  co_return first;
}
durable<result<order_state>> throws_at_once(checkout_context, const order_placed& e) {
  if (!e.id.empty()) throw std::runtime_error{"a defect"};
  co_return order_state{};
}
durable<result<order_state>> waits_for_ever(checkout_context ctx, const order_placed& e) {
  auto never = co_await ctx.event<payment_approved>("never");
  if (!never) co_return never.error();
  co_return order_state{e.id, "approved"};
}
durable<result<order_state>> tells(checkout_context ctx, const order_placed& e) {
  ctx.status("telling");
  auto minutes = ctx.remember("minutes", [] { return 15; });
  auto woken = co_await ctx.timer(std::chrono::minutes{minutes});
  if (!woken) co_return woken.error();
  co_return order_state{e.id, ctx.id() + " v" + std::to_string(ctx.version()) + " at " + to_rfc3339(ctx.now())};
}

const std::string history_folder = std::string{SAGA_HISTORIES} + "/orders.checkout";

}  // namespace

TEST_CASE("the example of the header") {
  test_kit::saga<check_out>(an_order())
      .answers<reserve_stock>([](auto& r) { return stock_reserved{r.sku, 3}; })
      .refuses<charge>("declined")
      .then_asked({"inventory.reserve_stock", "inventory.reserve_stock", "payments.charge"})
      .then_undone({"inventory.release_stock", "inventory.release_stock"})
      .then_refused("declined");
  const std::string folder = history_folder;
  test_kit::replays<check_out>(folder);
}

TEST_CASE("expectations fail, with what is different") {
  CHECK_THAT(failure([] { checkout.then_asked({"payments.charge"}); }),
             Contains("the steps differ") && Contains("orders.confirm_order"));
  CHECK_THAT(failure([] { checkout.then_undone({"payments.refund"}); }), Contains("the undo actions differ"));
  CHECK_THAT(failure([] { checkout.then_refused("declined"); }), Contains("actual: the reply"));
  CHECK_THAT(failure([] { checkout.then_error(code::refused); }), Contains("actual: the reply"));
  CHECK_THAT(failure([] { checkout.then_reply({"o17", "lost"}); }), Contains("the reply differs"));
  CHECK_THAT(failure([] { checkout.then_ended(saga_outcome::undone); }), Contains("the end differs"));
  CHECK_THAT(failure([] { checkout.then_published({"orders.paid"}); }), Contains("the published events differ"));
  CHECK_THAT(failure([] { checkout.refuses<charge>("declined").then_refused("no money"); }),
             Contains("refused (declined)"));
}

TEST_CASE("a step without an answer, and a saga that can not end, fail the test") {
  CHECK_THAT(failure([] { test_kit::saga<check_out>(an_order()).then_undone({}); }),
             Contains("the saga asks inventory.reserve_stock, and the test gives no answer"));
  CHECK_THAT(failure([] { test_kit::saga<waits_for_ever>(an_order()).then_undone({}); }),
             Contains("the saga waits for ever"));
  CHECK_THAT(failure([] { test_kit::saga<throws_at_once>(an_order()).then_undone({}); }),
             Contains("the saga's code threw: a defect"));
}

TEST_CASE("a saga that does not do the same again fails the test") {
  const auto confirmed = [](auto& r) { return order_state{r.id, "confirmed"}; };
  CHECK_THAT(failure([&] {
               test_kit::saga<depends_on_a_global>(an_order()).answers<confirm_order>(confirmed).then_undone({});
             }),
             Contains("recorded was step 1 orders.confirm_order"));
  frames = 0;
  CHECK_THAT(
      failure([&] { test_kit::saga<counts_its_frames>(an_order()).answers<confirm_order>(confirmed).then_undone({}); }),
      Contains("the saga does something else when it is built again after every turn"));
}

TEST_CASE("an answer that was lost was executed once") {
  int charges = 0;
  checkout
      .answers<charge>([&](auto&) {
        ++charges;
        return charged{"ch-17", false};
      })
      .loses_answer<charge>(3)
      .then_reply({"o17", "confirmed"});
  CHECK(charges == 3);  // the test runs it three times
}

TEST_CASE("the lost answer of what may not be repeated is found by its query") {
  using namespace saga_tests;
  int drawings = 0;
  const auto draw = test_kit::saga<draws<draw_cash>>(purchase{"o17"})
                        .answers<draw_cash>([&](auto&) {
                          ++drawings;
                          return drawn{"d-1"};
                        })
                        .loses_answer<draw_cash>(2);
  draw.then_reply({"d-1"}).then_asked({"bank.draw_cash"});
  CHECK(drawings == 3);  // the test runs it three times
  CHECK(draw.story().queries == std::vector<std::string>{"bank.get_drawing"});
  const auto says = [&](const drawing& what) { return draw.answers<get_drawing>(what); };
  CHECK_NOTHROW(says({"drawn", "d-1"}).then_reply({"d-1"}));
  CHECK_THAT(failure([&] { says({"pending", ""}).then_undone({}); }),
             Contains("bank.get_drawing must say what became of bank.draw_cash"));
}

TEST_CASE("time is virtual, and what the context tells is fixed") {
  const auto told = test_kit::saga<tells>(an_order()).named("orders.tells", "o1").version(3);
  told.then_reply({"o17", "o1 v3 at 2026-01-01T00:15:00Z"});
  CHECK(told.story().took == timespan{15min});
  CHECK(told.story().statuses == std::vector<std::string>{"telling"});
  told.started_at(instant{std::chrono::hours{1}}).then_reply({"o17", "o1 v3 at 1970-01-01T01:15:00Z"});
  told.cancel_at(1s).then_refused("saga_cancelled");
  told.out_of_time_at(1s).then_error(code::deadline_exceeded);
  told.abort_at(1s).then_refused("saga_aborted").then_ended(saga_outcome::undone);
}

TEST_CASE("a scenario is a value: a change makes another one") {
  checkout.refuses<charge>("declined").then_refused("declined");
  checkout.then_reply({"o17", "confirmed"});
}

TEST_CASE("recorded histories are replayed with today's code") {
  CHECK(test_kit::replays<check_out>(history_folder) == 17);
  CHECK_THAT(failure([] { test_kit::replays<tells>(history_folder); }),
             Contains("approved_in_time.jsonl:1: turn 1, started: recorded was step 1"));
  CHECK_THAT(failure([] { test_kit::replays<check_out>("no such folder"); }), Contains("no recorded turn"));
}

TEST_CASE("histories are those that the saga writes") {
  const auto approved =
      checkout.answers<charge>(charged{"ch-17", true}).at(14min).event("approval", payment_approved{true});
  const std::pair<const char*, std::vector<std::string>> all[] = {
      {"approved_in_time", approved.story().history},
      {"confirmed", checkout.story().history},
      {"declined", checkout.refuses<charge>("declined").story().history}};
  for (const auto& [name, turns] : all) {
    CAPTURE(name);
    const auto path = history_folder + "/v1/" + name + ".jsonl";
    if (std::getenv("BANYAN_WRITE_HISTORIES")) {
      std::ofstream written{path};
      for (const auto& line : turns) written << line << '\n';
    }
    std::ifstream file{path};
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    CHECK(lines == turns);
  }
}
