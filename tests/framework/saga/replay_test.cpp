// Determinism: a saga that does not do the same again is found in the turn in which it differs, and
// the sentence names the turn, the recorded request and the present one.
#include "driven.hpp"

#include <algorithm>
#include <memory>
#include <random>

using namespace saga_tests;

namespace {

// The two versions of a saga: `variant` is changed between the record and the replay, as a deployment, a clock, a
// random number or a global variable would change it.
int variant = 0;

durable<result<booked>> right(ctx_t ctx, const text_message& m) {
  auto a = co_await book_it(ctx, m.text);
  if (!a) co_return a.error();
  auto b = co_await book_it(ctx, "b");
  if (!b) co_return b.error();
  co_return *b;
}
durable<result<booked>> other_argument(ctx_t ctx, const text_message& m) {
  auto a = co_await book_it(ctx, m.text);
  if (!a) co_return a.error();
  const std::string name = variant ? "c" : "b";
  auto b = co_await book_it(ctx, name);
  if (!b) co_return b.error();
  co_return *b;
}
durable<result<booked>> other_undo(ctx_t ctx, const text_message& m) {
  const auto undone = variant ? "y" : m.text;
  auto a = co_await ctx.ask<bookings_api, book>(m.text).undone_by<bookings_api, unbook>(undone);
  if (!a) co_return a.error();
  co_return *a;
}
durable<result<booked>> no_undo(ctx_t ctx, const text_message& m) {
  auto asked = ctx.ask<bookings_api, book>(m.text);
  if (!variant) (void)asked.undone_by<bookings_api, unbook>(m.text);
  auto a = co_await asked;
  if (!a) co_return a.error();
  co_return *a;
}
durable<result<booked>> other_order(ctx_t ctx, const text_message&) {
  auto a = ctx.ask<bookings_api, book>(variant ? "b" : "a");
  auto b = ctx.ask<bookings_api, book>(variant ? "a" : "b");
  auto [x, y] = co_await ctx.all(a, b);
  if (!x) co_return x.error();
  co_return *y;
}
durable<result<booked>> extra_step(ctx_t ctx, const text_message&) {
  auto a = co_await ctx.ask<bookings_api, book>("a");
  if (variant) (void)ctx.ask<bookings_api, book>("extra");
  auto woken = co_await ctx.timer(1h);
  if (!woken) co_return woken.error();
  co_return *a;
}
durable<result<booked>> missing_step(ctx_t ctx, const text_message&) {
  auto a = co_await ctx.ask<bookings_api, book>("a");
  if (!variant) (void)ctx.ask<bookings_api, book>("b");
  auto note = co_await ctx.event<text_message>("note");
  co_return *a;
}
durable<result<booked>> other_kind(ctx_t ctx, const text_message&) {
  if (variant) {
    auto woken = co_await ctx.timer(1h);
    co_return booked{"timer"};
  }
  auto a = co_await ctx.ask<bookings_api, book>("a");
  co_return *a;
}
durable<result<booked>> other_event(ctx_t ctx, const text_message&) {
  const std::string name = variant ? "b" : "a";
  auto note = co_await ctx.event<text_message>(name);
  co_return booked{"x"};
}
durable<result<booked>> other_result(ctx_t ctx, const text_message&) {
  auto a = co_await ctx.ask<bookings_api, book>("a");
  co_return booked{variant ? "other" : a->name};
}
durable<result<booked>> error_for_value(ctx_t ctx, const text_message&) {
  auto a = co_await ctx.ask<bookings_api, book>("a");
  if (variant) co_return refused("now it is refused");
  co_return *a;
}
durable<result<booked>> early_end(ctx_t ctx, const text_message&) {
  auto a = co_await ctx.ask<bookings_api, book>("a");
  if (variant) co_return *a;
  auto note = co_await ctx.event<text_message>("note");
  co_return *a;
}
durable<result<booked>> other_value(ctx_t ctx, const text_message&) {
  auto n = ctx.remember(variant ? "m" : "n", [] { return 15; });
  co_return booked{std::to_string(n)};
}
durable<result<booked>> value_of_another_type(ctx_t ctx, const text_message&) {
  if (variant) co_return booked{ctx.remember("n", [] { return std::string{"15"}; })};
  co_return booked{std::to_string(ctx.remember("n", [] { return 15; }))};
}
durable<result<booked>> no_pivot(ctx_t ctx, const text_message&) {
  auto a = co_await ctx.ask<bookings_api, book>("a");
  if (!variant) (void)ctx.pivot();
  auto note = co_await ctx.event<text_message>("note");
  co_return *a;
}

struct order_paid {
  static constexpr stored_as stored{"orders.paid", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_paid, (), (id))
durable<result<booked>> publishes(ctx_t ctx, const text_message& m) {
  ctx.publish<order_paid>(variant ? "other" : m.text);
  auto note = co_await ctx.event<text_message>("note");
  co_return booked{m.text};
}

// --- as in real programs
durable<result<booked>> reads_a_clock(ctx_t ctx, const text_message&) {
  const auto t = std::chrono::steady_clock::now().time_since_epoch().count();
  auto a = co_await ctx.ask<bookings_api, book>(std::to_string(t));
  co_return *a;
}
durable<result<booked>> throws_a_dice(ctx_t ctx, const text_message&) {
  std::random_device device;
  auto a = co_await ctx.ask<bookings_api, book>(std::to_string(device()) + std::to_string(device()));
  co_return *a;
}
durable<result<booked>> counts_in_a_static(ctx_t ctx, const text_message&) {
  static int calls = 0;
  auto a = co_await ctx.ask<bookings_api, book>(std::to_string(++calls));
  co_return *a;
}
durable<result<booked>> uses_an_address(ctx_t ctx, const text_message&) {
  static std::vector<std::unique_ptr<int>> kept;  // so that no address comes twice
  kept.push_back(std::make_unique<int>());
  auto a = co_await ctx.ask<bookings_api, book>(std::to_string(reinterpret_cast<std::uintptr_t>(kept.back().get())));
  co_return *a;
}

// What the replay of a whole run says; its notifications are answers and events until nothing is open.
std::string found(const saga_code& code, int events = 0) {
  variant = 0;
  driven d{code};
  for (int i = 0; i < 10 && !d.machine.ending(); ++i) {
    const auto open = d.machine.outstanding();
    if (!open.empty() && open[0].request->kind == saga_wish::step)
      d.ok(open[0].request->number);
    else if (events-- > 0)
      d.event("note", "x");
  }
  variant = 1;
  auto again = rebuild_saga(&code, d.log);
  variant = 0;
  if (again) return "no difference";
  CHECK(again.error().code == code::conflict);
  CHECK(again.error().reason == "saga_mismatch");
  return again.error().message;
}

std::string found_without_driving(const saga_code& code) {
  saga_machine m{&code};
  const auto first = m.start(driven::head_of(), nested(text_message{"x"}), noon);
  REQUIRE(first);
  const std::vector<std::string> log{first->payload};
  const auto same = verify_saga(&code, log, m);
  return same ? "no difference" : same.error().message;
}

}  // namespace

TEST_CASE("a saga that does the same again has no difference") {
  CHECK(found(saga_code_of<right>("tests")) == "no difference");
}

TEST_CASE("the sentence names turn, recorded and present request") {
  CHECK(found(saga_code_of<other_argument>("tests")) ==
        R"(turn 2, answered 1: recorded was step 2 bookings.book {"name":"b"} undone by bookings.unbook {"name":"b"}, )"
        R"(and now the code has step 2 bookings.book {"name":"c"})");
  CHECK(found(saga_code_of<other_undo>("tests")) ==
        R"(turn 1, started: recorded was step 1 bookings.book {"name":"x"} undone by bookings.unbook {"name":"x"}, )"
        R"(and now the code has step 1 bookings.book {"name":"x"} undone by bookings.unbook {"name":"y"})");
  CHECK(found(saga_code_of<no_undo>("tests")) ==
        R"(turn 1, started: recorded was step 1 bookings.book {"name":"x"} undone by bookings.unbook {"name":"x"}, )"
        R"(and now the code has step 1 bookings.book {"name":"x"})");
  CHECK(
      found(saga_code_of<other_order>("tests")) ==
      R"(turn 1, started: recorded was step 1 bookings.book {"name":"a"}, )"
      R"(and now the code has step 1 bookings.book {"name":"b"})");
  CHECK(found(saga_code_of<extra_step>("tests")) ==
        R"(turn 2, answered 1: recorded was timer 2, and now the code has step 2 bookings.book {"name":"extra"})");
  CHECK(found(saga_code_of<missing_step>("tests")) ==
        R"(turn 2, answered 1: recorded was step 2 bookings.book {"name":"b"}, and now the code has event 2 note)");
  CHECK(found(saga_code_of<other_kind>("tests")) ==
        R"(turn 1, started: recorded was step 1 bookings.book {"name":"a"}, and now the code has timer 1)");
  CHECK(found(saga_code_of<other_event>("tests")) ==
        "turn 1, started: recorded was event 1 a, and now the code has event 1 b");
  CHECK(
      found(saga_code_of<other_result>("tests")) ==
      R"(turn 2, answered 1: recorded was the end, done {"ok":{"name":"x"}}, )"
      R"(and now the code has the end, done {"ok":{"name":"other"}})");
  CHECK(found(saga_code_of<error_for_value>("tests")).find("and now the code has the end, undone") !=
        std::string::npos);
  CHECK(found(saga_code_of<early_end>("tests")) ==
        R"(turn 2, answered 1: recorded was event 2 note, and now the code has nothing)");
  CHECK(found(saga_code_of<other_value>("tests")) ==
        "turn 1, started: recorded was value 1 n 15, and now the code has value 1 m");
  CHECK(found(saga_code_of<value_of_another_type>("tests")) ==
        "turn 1, started: recorded was value n 15, and now the code has a type that does not read it: the document "
        "must be a text");
  CHECK(found(saga_code_of<no_pivot>("tests")) ==
        "turn 2, answered 1: recorded was pivot 2, and now the code has event 2 note");
  CHECK(
      found(saga_code_of<publishes>("tests")) ==
      R"(turn 1, started: recorded was publish 1 orders.paid {"id":"x"}, )"
      R"(and now the code has publish 1 orders.paid {"id":"other"})");
}

TEST_CASE("clocks, chance, globals and addresses are found on the first day, by a replay of the turn") {
  for (const auto& code : {saga_code_of<reads_a_clock>("tests"), saga_code_of<throws_a_dice>("tests"),
                           saga_code_of<counts_in_a_static>("tests"), saga_code_of<uses_an_address>("tests")}) {
    const auto said = found_without_driving(code);
    CAPTURE(said);
    CHECK(said.starts_with("turn 1, started: recorded was step 1 bookings.book "));
  }
}

TEST_CASE("a saga that differs is blocked: it takes nothing, and appends nothing") {
  variant = 0;
  driven d{saga_code_of<other_argument>("tests")};
  d.ok(1);
  variant = 1;
  saga_machine m{&d.code};
  REQUIRE(m.replay(d.log[0]));
  CHECK_FALSE(m.replay(d.log[1]));
  variant = 0;
  REQUIRE(m.blocked());
  CHECK(m.blocked()->why == saga_block::mismatch);
  CHECK(m.turns() == 1);
  CHECK(m.feed(saga_answer(2, saga_ok(booked{})), noon).error().reason == "saga_blocked");
  CHECK(m.feed(saga_aborted(""), noon).error().reason == "saga_blocked");  // built again without its code
  CHECK(m.replay(d.log[1]).error().reason == "saga_blocked");
}

TEST_CASE("a record with a turn missing, twice or in the wrong place is corrupt, and never crashes") {
  driven d{saga_code_of<right>("tests")};
  d.ok(1);
  d.ok(2);
  REQUIRE(d.log.size() == 3);
  auto log = d.log;
  std::sort(log.begin(), log.end());
  do {
    const auto whole = rebuild_saga(&d.code, log);
    if (log == d.log)
      CHECK(whole);
    else
      CHECK(whole.error().code == code::corrupt);
  } while (std::next_permutation(log.begin(), log.end()));
  log = {d.log[0], d.log[1], d.log[1]};
  CHECK(rebuild_saga(&d.code, log).error().code == code::corrupt);
  log = {d.log[0], d.log[1].substr(1)};
  CHECK(rebuild_saga(&d.code, log).error().code == code::corrupt);
}

TEST_CASE("any change of a recorded turn is found, or is one that may change") {
  driven d{saga_code_of<right>("tests")};
  d.ok(1, "one");
  d.fail(2, refused("full"));
  d.ok(3);
  REQUIRE(d.end() == "undone");
  std::mt19937_64 random{1};
  int differences = 0;
  for (int i = 0; i < 2'000; ++i) {
    auto log = d.log;
    auto& line = log[random() % log.size()];
    line[random() % line.size()] = "0123456789abcdefgh{}[],:\""[random() % 25];
    const auto again = rebuild_saga(&d.code, log);
    if (!again) ++differences;
  }
  CHECK(differences > 1'000);
}
