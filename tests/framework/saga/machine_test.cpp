// Turns, steps, settling and undo.
#include "driven.hpp"

using namespace saga_tests;
using lines = std::vector<std::string>;

namespace {

durable<result<booked>> one_step(ctx_t ctx, const text_message& m) {
  co_return co_await ctx.ask<bookings_api, book>(m.text);
}

durable<result<booked>> three_steps(ctx_t ctx, const text_message&) {
  for (const char* name : {"a", "b", "c"}) {
    std::string text{name};
    auto done = co_await book_it(ctx, text);
    if (!done) co_return done.error();
  }
  co_return refused("never_satisfied");
}

// Two under way together; fails as soon as the first one is known.
durable<result<booked>> impatient(ctx_t ctx, const text_message&) {
  auto slow = ctx.ask<bookings_api, book>("slow").undone_by<bookings_api, unbook>("slow");
  auto quick = ctx.ask<bookings_api, book>("quick").undone_by<bookings_api, unbook>("quick");
  auto done = co_await quick;
  if (!done) co_return done.error();
  (void)slow;
  co_return refused("impatient");
}

durable<result<booked>> nobody_awaits(ctx_t ctx, const text_message& m) {
  (void)ctx.ask<bookings_api, book>(m.text);
  co_return booked{"done"};
}

durable<result<booked>> pivots(ctx_t ctx, const text_message&) {
  auto first = co_await book_it(ctx, "before");
  if (!first) co_return first.error();
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
  auto second = co_await book_it(ctx, "after");
  if (!second) co_return second.error();
  co_return *second;
}

}  // namespace

TEST_CASE("a turn is one notification and what it led to: N steps are N + 1 turns") {
  driven d{saga_code_of<one_step>("tests")};
  CHECK(d.open() == lines{"step 1 bookings.book"});
  const auto last = d.ok(1);
  CHECK(d.log.size() == 2);
  CHECK(last.end->how == saga_outcome::done);
  CHECK(d.reply() == R"({"ok":{"name":"x"}})");
  CHECK(d.open().empty());
}

TEST_CASE("a step's command id is its own, and the same after a crash") {
  driven d{saga_code_of<impatient>("tests")}, other{saga_code_of<impatient>("tests")};
  const auto a = d.machine.outstanding(), b = other.machine.outstanding();
  REQUIRE(a.size() == 2);
  CHECK(a[0].request->command == b[0].request->command);
  CHECK(a[0].request->command != a[1].request->command);
  CHECK_FALSE(a[0].request->command.is_nil());
}

TEST_CASE("undo actions are asked last first, one after the other, and the last answer ends the saga") {
  driven d{saga_code_of<three_steps>("tests")};
  d.ok(1);
  d.ok(2);
  const auto failed = d.ok(3);
  REQUIRE(failed.returned);
  CHECK(error_in(*failed.returned)->reason == "never_satisfied");
  CHECK(d.machine.phase() == saga_phase::undoing);
  CHECK(d.open() == lines{"undo 4 bookings.unbook"});
  CHECK(d.machine.outstanding()[0].request->arguments.text == R"({"name":"c"})");
  CHECK(d.machine.outstanding()[0].request->of == 3);
  d.ok(4);
  CHECK(d.machine.outstanding()[0].request->of == 2);
  d.ok(5);
  CHECK(d.ok(6).end->how == saga_outcome::undone);
  CHECK(d.reason() == "never_satisfied");
  CHECK(d.log.size() == 7);
}

TEST_CASE("a refused step is not undone") {
  driven d{saga_code_of<three_steps>("tests")};
  d.ok(1);
  d.fail(2, refused("full"));
  CHECK(d.machine.outstanding()[0].request->of == 1);
  d.ok(3);
  CHECK(d.end() == "undone");
  CHECK(d.reason() == "full");
}

TEST_CASE("a step that was applied with an unreadable reply is undone") {
  driven d{saga_code_of<three_steps>("tests")};
  d.fail(1, error{code::internal, "the reply was lost", outcome::applied});
  CHECK(d.machine.outstanding()[0].request->of == 1);
}

TEST_CASE("nothing is undone, and nothing ends, before every step is known") {
  driven d{saga_code_of<impatient>("tests")};
  d.ok(2, "quick");
  CHECK(d.machine.phase() == saga_phase::settling);
  CHECK(d.open() == lines{"step 1 bookings.book"});
  SECTION("the slow one was applied: both are undone, in the order of the requests") {
    d.ok(1, "slow");
    CHECK(d.machine.outstanding()[0].request->of == 2);
    d.ok(3);
    CHECK(d.machine.outstanding()[0].request->of == 1);
    d.ok(4);
  }
  SECTION("the slow one was refused") {
    d.fail(1, refused("full"));
    CHECK(d.machine.outstanding()[0].request->of == 2);
    d.ok(3);
  }
  CHECK(d.end() == "undone");
}

TEST_CASE("a step that nobody awaits is settled before the end") {
  driven d{saga_code_of<nobody_awaits>("tests")};
  CHECK(d.end() == "no end");
  CHECK(d.machine.phase() == saga_phase::settling);
  d.fail(1, refused("full"));
  CHECK(d.end() == "done");
}

TEST_CASE("an unknown outcome is never given to the saga") {
  driven d{saga_code_of<one_step>("tests")};
  CHECK(d.no(saga_answer(1, saga_error(error{code::unavailable, "the link broke", outcome::unknown}))).reason ==
        "unknown_outcome");
  d.ok(1);
  CHECK(d.end() == "done");
}

TEST_CASE("answers to anything but an open request change nothing") {
  driven d{saga_code_of<three_steps>("tests")};
  d.ok(1);
  for (const int number : {-1, 0, 1, 3, 99})
    CHECK(d.no(saga_answer(number, saga_ok(booked{}))).reason == "not_outstanding");
  for (const int number : {0, 1, 2}) CHECK(d.no(saga_fired(number)).reason == "not_outstanding");
}

TEST_CASE("a reply that does not decode is recorded as an error of an applied step") {
  driven d{saga_code_of<three_steps>("tests")};
  const auto turn = d.feed(saga_answer(1, {R"({"ok":{"nom":"x"}})"}));
  CHECK(error_in(turn.because.payload)->reason == "unreadable_reply");
  CHECK(d.machine.outstanding()[0].request->of == 1);  // undone
}

TEST_CASE("a refused undo action does not stop the others, and needs a person") {
  driven d{saga_code_of<three_steps>("tests")};
  d.ok(1);
  d.ok(2);
  d.fail(3, refused("full"));
  d.fail(4, refused("too late to take back"));
  CHECK(d.machine.outstanding()[0].request->of == 1);
  d.ok(5);
  CHECK(d.end() == "no end");
  CHECK(d.machine.phase() == saga_phase::attention);
  CHECK(d.machine.waiting_for() == std::vector<std::string>{"an operator"});
  REQUIRE(d.machine.refused().size() == 1);
  CHECK(d.machine.refused()[0].request->of == 2);
  CHECK(d.machine.refused()[0].why->reason == "too late to take back");
  CHECK(d.machine.to_undo().size() == 1);
}

namespace {

// The undo actions of both steps are refused.
void refuse_both(driven& d) {
  d.ok(1);
  d.ok(2);
  d.fail(3, refused("full"));
  d.fail(4, refused("no"));
  d.fail(5, refused("no"));
}

}  // namespace

TEST_CASE("an operator has refused undo actions asked again, under new command ids") {
  driven d{saga_code_of<three_steps>("tests")};
  refuse_both(d);
  const auto turn = d.feed(saga_retried("the booking is open again", "ann"));
  CHECK(turn.because.by == "ann");
  CHECK(turn.because.payload.text == R"({"because":"the booking is open again"})");
  CHECK(d.open() == std::vector<std::string>{"undo 6 bookings.unbook"});
  CHECK(d.machine.outstanding()[0].request->of == 2);
  CHECK(d.no(saga_retried("")).reason == "nothing_to_retry");
  d.ok(6);
  CHECK(d.machine.outstanding()[0].request->of == 1);
  d.fail(7, refused("no"));  // refused again
  CHECK(d.machine.phase() == saga_phase::attention);
  d.feed(saga_retried(""));
  d.ok(8);
  CHECK(d.end() == "undone");
  CHECK(d.reason() == "full");
}

TEST_CASE("an operator says of each refused undo action that it was done by hand, and the saga ends") {
  driven d{saga_code_of<three_steps>("tests")};
  refuse_both(d);
  CHECK(d.feed(saga_undone_by_hand(2, "called them", "ann")).because.number == 4);  // by its step
  CHECK(d.no(saga_undone_by_hand(4, "")).reason == "already_undone");
  CHECK(d.no(saga_undone_by_hand(3, "")).reason == "no_such_undo");
  CHECK(d.no(saga_undone_by_hand(99, "")).reason == "no_such_undo");
  d.feed(saga_undone_by_hand(5, "called them"));  // by its own number
  CHECK(d.end() == "undone");
}

TEST_CASE("an undo action whose outcome stays unknown can be said to be done by hand, and the next one follows") {
  driven d{saga_code_of<three_steps>("tests")};
  d.ok(1);
  d.ok(2);
  d.fail(3, refused("full"));
  d.feed(saga_undone_by_hand(2, "seen in their books", "ann"));
  CHECK(d.machine.outstanding()[0].request->of == 1);
  CHECK(d.no(saga_answer(4, saga_ok(booked{}))).reason == "not_outstanding");
  CHECK(d.no(saga_cancelled("")).reason == "already_stopped");
  d.ok(5);
  CHECK(d.end() == "undone");
}

TEST_CASE("after the pivot nothing is undone, and a refusal needs a person") {
  driven d{saga_code_of<pivots>("tests")};
  CHECK(d.machine.to_undo().empty());
  d.ok(1);
  CHECK(d.machine.to_undo().empty());
  d.fail(3, refused("full"));
  CHECK(d.end() == "attention");
}

TEST_CASE("an ended saga never changes") {
  driven d{saga_code_of<one_step>("tests")};
  d.ok(1);
  for (auto& n : {saga_answer(1, saga_ok(booked{})), saga_fired(1), saga_event("a", {"{}"}), saga_cancelled(""),
                  saga_out_of_time(), saga_aborted(""), saga_retried(""), saga_undone_by_hand(1, "")})
    CHECK(d.no(n).reason == "saga_ended");
}

TEST_CASE("time of a turn never runs backwards") {
  driven d{saga_code_of<three_steps>("tests")};
  d.now = noon - 1h;
  CHECK(d.ok(1).now == noon);
  d.now = noon + 1s;
  CHECK(d.ok(2).now == noon + 1s);
}

TEST_CASE("an input that does not decode starts nothing") {
  const auto code = saga_code_of<one_step>("tests");
  saga_machine m{&code};
  const auto refused_input = m.start(driven::head_of(), {R"({"texte":""})"}, noon);
  REQUIRE_FALSE(refused_input);
  CHECK(refused_input.error().code == code::invalid_argument);
  CHECK(refused_input.error().field == "text");
  CHECK(m.phase() == saga_phase::unborn);
  CHECK(m.feed(saga_fired(1), noon).error().reason == "saga_not_started");
}
