// A newer program over running sagas: arguments are compared by meaning.
#include "driven.hpp"

using namespace saga_tests;

namespace {

struct book_more {  // today's type of the same operation: an optional member more
  using reply = booked;
  static constexpr sent_as sent{"book"};
  static constexpr auto optional_fields = fields("quantity");
  std::string name;
  int quantity = 1;
  std::optional<std::string> note = {};
};
BOOST_DESCRIBE_STRUCT(book_more, (), (name, quantity, note))
struct booked_less {  // another reply type
  int pieces = 0;
};
BOOST_DESCRIBE_STRUCT(booked_less, (), (pieces))
struct book_otherwise {
  using reply = booked_less;
  static constexpr sent_as sent{"book"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(book_otherwise, (), (name))
struct bookings_api_today {
  static constexpr std::string_view name = "bookings";
  using operations = banyan::operations<op<book_more, idempotent::by_key>, op<book_otherwise, idempotent::by_key>>;
};
durable<result<booked>> right_today(saga_context<bookings_api_today> ctx, const text_message& m) {
  ctx.status("a text that was not there");
  auto a = co_await ctx.ask<bookings_api_today, book_more>(m.text);
  if (!a) co_return a.error();
  auto woken = co_await ctx.timer(2h);
  if (!woken) co_return error{code::refused, "another sentence"}.because("r");
  co_return error{code::refused, "another sentence"}.because("r");
}
durable<result<booked>> right_yesterday(ctx_t ctx, const text_message& m) {
  auto a = co_await ctx.ask<bookings_api, book>(m.text);
  if (!a) co_return a.error();
  ctx.status("a text that is gone");
  auto woken = co_await ctx.timer(1h);
  if (!woken) co_return woken.error();
  co_return error{code::refused, "a sentence"}.because("r");
}
struct unbook_more {
  using reply = booked;
  static constexpr sent_as sent{"unbook"};
  std::string name;
  std::optional<std::string> why = {};
};
BOOST_DESCRIBE_STRUCT(unbook_more, (), (name, why))
struct bookings_api_with_more {
  static constexpr std::string_view name = "bookings";
  using operations = banyan::operations<op<book_more, idempotent::by_key>, op<unbook_more, idempotent::by_key>>;
};
durable<result<booked>> one_undone(ctx_t ctx, const text_message& m) {
  auto a = co_await book_it(ctx, m.text);
  if (!a) co_return a.error();
  auto note = co_await ctx.event<text_message>("note");
  co_return refused("r");
}
durable<result<booked>> one_undone_today(saga_context<bookings_api_with_more> ctx, const text_message& m) {
  auto a = co_await ctx.ask<bookings_api_with_more, book_more>(m.text).undone_by<bookings_api_with_more, unbook_more>(
      m.text);
  if (!a) co_return a.error();
  auto note = co_await ctx.event<text_message>("note");
  co_return refused("r");
}
durable<result<booked>> other_reply(saga_context<bookings_api_today> ctx, const text_message& m) {
  auto a = co_await ctx.ask<bookings_api_today, book_otherwise>(m.text);
  if (!a) co_return a.error();
  co_return booked{m.text};
}

}  // namespace

TEST_CASE("added optional members, other durations, statuses and sentences are no difference") {
  driven d{saga_code_of<right_yesterday>("tests")};
  d.ok(1);
  const auto today = saga_code_of<right_today>("tests");
  auto half = rebuild_saga(&today, d.log);
  if (!half) FAIL(half.error().message);
  CHECK((*half)->outstanding()[0].request->due == noon + 1h);  // the recorded one
  d.now += 1h;
  d.fire(2);
  auto all = rebuild_saga(&today, d.log);
  if (!all) FAIL(all.error().message);
  CHECK((*all)->ending()->how == saga_outcome::undone);
}

TEST_CASE("a step and its undo action are asked as they were recorded, also by a newer program") {
  driven d{saga_code_of<one_undone>("tests")};
  const auto today = saga_code_of<one_undone_today>("tests");
  auto waiting = rebuild_saga(&today, d.log);
  if (!waiting) FAIL(waiting.error().message);
  CHECK((*waiting)->outstanding()[0].request->arguments.text == R"({"name":"x"})");  // not {"name":"x","quantity":1}
  CHECK((*waiting)->outstanding()[0].request->command == d.machine.outstanding()[0].request->command);
  REQUIRE((*waiting)->feed(saga_answer(1, saga_ok(booked{"x"})), noon));
  REQUIRE((*waiting)->feed(saga_event("note", nested(text_message{""})), noon));
  CHECK((*waiting)->outstanding()[0].request->arguments.text == R"({"name":"x"})");
}

TEST_CASE("a reply type that does not read the recorded answer is a difference") {
  driven d{saga_code_of<right_yesterday>("tests")};
  d.ok(1);
  const auto today = saga_code_of<other_reply>("tests");
  const auto again = rebuild_saga(&today, d.log);
  REQUIRE_FALSE(again);
  CHECK(again.error().message ==
        R"(turn 2, answered 1: recorded was the answer {"ok":{"name":"x"}}, )"
        R"(and now the code has a reply type that does not read it: ok.pieces is missing)");
}
