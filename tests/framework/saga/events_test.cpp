// Events, timers and what waits for several.
#include "driven.hpp"

using namespace saga_tests;
using lines = std::vector<std::string>;

namespace {

using texts = std::vector<std::string>;
std::string joined(const texts& all) {
  std::string text;
  for (const auto& t : all) text += (text.empty() ? "" : " ") + t;
  return text;
}

durable<result<booked>> takes_three(ctx_t ctx, const text_message&) {
  texts taken;
  for (int i = 0; i < 3; ++i) {
    auto e = co_await ctx.event<text_message>("note");
    if (!e) co_return e.error();
    taken.push_back(e->text);
  }
  co_return booked{joined(taken)};
}

// A step first: events that come meanwhile wait.
durable<result<booked>> busy_first(ctx_t ctx, const text_message&) {
  auto first = co_await ctx.ask<bookings_api, book>("first");
  if (!first) co_return first.error();
  auto a = ctx.event<text_message>("a");
  auto b = ctx.event<text_message>("b");
  const auto which = co_await ctx.first(a, b);
  co_return booked{which == 0 ? "a" : "b"};
}

// Every round has a deadline; rounds without a note are counted.
durable<result<booked>> rounds(ctx_t ctx, const text_message&) {
  texts taken;
  for (int i = 0; i < 3; ++i) {
    auto note = ctx.event<text_message>("note");
    auto deadline = ctx.timer(1h);
    if (co_await ctx.first(note, deadline) == 1) {
      taken.push_back("-");
      continue;
    }
    deadline.drop();
    auto e = note.get();
    if (!e) co_return e.error();
    taken.push_back(e->text);
  }
  co_return booked{joined(taken)};
}

durable<result<booked>> two_notes(ctx_t ctx, const text_message&) {
  auto one = ctx.event<text_message>("note");
  auto two = ctx.event<text_message>("note");
  auto [a, b] = co_await ctx.all(one, two);
  if (!a) co_return a.error();
  co_return booked{a->text + b->text};
}

durable<result<booked>> sleeps(ctx_t ctx, const text_message&) {
  auto woken = co_await ctx.timer(24h);
  if (!woken) co_return woken.error();
  co_return booked{to_rfc3339(ctx.now())};
}

durable<result<booked>> looks(ctx_t ctx, const text_message&) {
  auto note = ctx.event<text_message>("note");
  auto first = co_await ctx.ask<bookings_api, book>("first");
  if (!first) co_return first.error();
  if (!note.is_ready()) co_return booked{"none"};
  auto e = note.get();
  if (!e) co_return e.error();
  co_return booked{e->text + note.get()->text};
}

}  // namespace

TEST_CASE("events are kept in their order, one name apart from another") {
  driven d{saga_code_of<takes_three>("tests")};
  d.event("other", "0");
  d.event("note", "1");
  d.event("note", "2");
  d.event("note", "3");
  CHECK(d.reply() == R"({"ok":{"name":"1 2 3"}})");
}

TEST_CASE("an event that nobody waits for is a turn, and is taken later") {
  driven d{saga_code_of<busy_first>("tests")};
  CHECK(d.event("b", "1").then.empty());
  d.event("a", "2");
  d.ok(1);
  CHECK(d.reply() == R"({"ok":{"name":"b"}})");  // it came first
}

TEST_CASE("a handle that lost a race has taken nothing: the next event is for the next round") {
  driven d{saga_code_of<rounds>("tests")};
  CHECK(d.open() == lines{"timer 2"});
  d.now += 1h;
  d.fire(2);
  d.event("note", "1");  // in the second round
  d.event("note", "2");
  CHECK(d.reply() == R"({"ok":{"name":"- 1 2"}})");
}

TEST_CASE("a dropped timer is not outstanding, and its wake-up is refused") {
  driven d{saga_code_of<rounds>("tests")};
  const auto turn = d.event("note", "1");
  REQUIRE(turn.then.size() == 3);
  CHECK(turn.then[0].kind == saga_wish::drop_timer);
  CHECK(turn.then[0].of == 2);
  d.now += 2h;
  CHECK(d.no(saga_fired(2)).reason == "not_outstanding");
  CHECK(d.open() == lines{"timer 5"});
}

TEST_CASE("two waits for one name need two events") {
  driven d{saga_code_of<two_notes>("tests")};
  d.event("note", "1");
  CHECK(d.end() == "no end");
  d.event("note", "2");
  CHECK(d.reply() == R"({"ok":{"name":"12"}})");
}

TEST_CASE("an event is there without being awaited, and get() may be called again") {
  SECTION("it came") {
    driven d{saga_code_of<looks>("tests")};
    d.event("note", "1");
    d.ok(2);
    CHECK(d.reply() == R"({"ok":{"name":"11"}})");
  }
  SECTION("it did not") {
    driven d{saga_code_of<looks>("tests")};
    d.ok(2);
    CHECK(d.reply() == R"({"ok":{"name":"none"}})");
  }
}

TEST_CASE("an event that the waiting code can not read is its sender's problem") {
  driven d{saga_code_of<takes_three>("tests")};
  const auto why = d.no(saga_event("note", {R"({"txt":1})"}));
  CHECK(why.code == code::invalid_argument);
  CHECK(why.field == "text");
  CHECK(d.no(saga_event("note", {"{"})).code == code::invalid_argument);
  CHECK(d.no(saga_event("", {"{}"})).field == "name");
  d.event("note", "1");
}

TEST_CASE("a timer stores when it is due, and fires at that time or later, once") {
  driven d{saga_code_of<sleeps>("tests")};
  CHECK(d.machine.outstanding()[0].request->due == noon + 24h);
  d.now += 24h - 1ns;
  CHECK(d.no(saga_fired(1)).reason == "not_due");
  d.now += 3h;
  d.fire(1);
  CHECK(d.reply() == R"({"ok":{"name":"2026-01-02T14:59:59.999999999Z"}})");
}

TEST_CASE("a cancellation ends waits for events and timers with its error") {
  driven events{saga_code_of<takes_three>("tests")}, timer{saga_code_of<sleeps>("tests")},
      race{saga_code_of<rounds>("tests")};
  for (auto* d : {&events, &timer, &race}) {
    d->cancel();
    CHECK(d->end() == "undone");
    CHECK(d->reason() == "saga_cancelled");
  }
}

TEST_CASE("out of time is a cancellation with another reason, and the time is told until the pivot") {
  auto code = saga_code_of<sleeps>("tests");
  auto head = driven::head_of();
  head.give_up_at = noon + 1h;
  driven d{code, head, nested(text_message{"x"})};
  CHECK(d.machine.gives_up_at() == noon + 1h);
  d.now += 1h;
  d.feed(saga_out_of_time());
  CHECK(d.reason() == "saga_out_of_time");
  CHECK_FALSE(d.machine.gives_up_at());
}
