// Cancellation, abort and going on in a new run.
#include "driven.hpp"

using namespace saga_tests;
using lines = std::vector<std::string>;

namespace {

durable<result<booked>> two_steps(ctx_t ctx, const text_message&) {
  auto a = co_await book_it(ctx, "a");
  if (!a) co_return a.error();
  auto b = co_await book_it(ctx, "b");
  if (!b) co_return b.error();
  co_return booked{a->name + b->name};
}

// Takes no notice of the cancellation.
durable<result<booked>> stubborn(ctx_t ctx, const text_message&) {
  auto a = co_await book_it(ctx, "a");
  if (!a) co_return a.error();
  co_return *a;
}

durable<result<booked>> with_pivot(ctx_t ctx, const text_message&) {
  auto a = co_await book_it(ctx, "a");
  if (!a) co_return a.error();
  if (auto stands = ctx.pivot(); !stands) co_return stands.error();
  auto woken = co_await ctx.timer(1h);
  if (!woken) co_return woken.error();
  co_return *a;
}

// Counts notes; a new run after every second one.
durable<result<booked>> counts(ctx_t ctx, const text_message& m) {
  auto so_far = m.text;
  for (int i = 0; i < 2; ++i) {
    auto note = co_await ctx.event<text_message>("note");
    if (!note) co_return note.error();
    if (note->text == "end") co_return booked{so_far};
    so_far += note->text;
    auto kept = co_await book_it(ctx, note->text);
    if (!kept) co_return kept.error();
  }
  const text_message next{so_far};
  co_return ctx.again(next);
}

durable<result<booked>> again_with_open_step(ctx_t ctx, const text_message& m) {
  if (ctx.run() == 2) co_return booked{m.text};
  (void)book_it(ctx, "late");
  const text_message next{"second"};
  co_return ctx.again(next);
}

durable<result<booked>> wrong_again(ctx_t ctx, const text_message&) {
  const booked other{"x"};
  co_return ctx.again(other);
}

// What the actor side does with an ending `again`.
driven next_of(driven& d) {
  auto next = d.machine.next_run();
  REQUIRE(next);
  return driven{d.code, next->head, next->input};
}

}  // namespace

TEST_CASE("new steps of a cancelled saga are refused on the spot, those under way are waited for") {
  driven d{saga_code_of<two_steps>("tests")};
  CHECK(d.cancel().then.empty());
  CHECK(d.open() == lines{"step 1 bookings.book"});
  const auto turn = d.ok(1);
  REQUIRE(turn.then.size() == 1);  // no second step: the undo action
  CHECK(turn.then[0].kind == saga_wish::undo);
  CHECK(turn.then[0].number == 2);
  d.ok(2);
  CHECK(d.end() == "undone");
  CHECK(d.reason() == "saga_cancelled");
}

TEST_CASE("a saga is cancelled once") {
  driven d{saga_code_of<two_steps>("tests")};
  d.cancel();
  CHECK(d.no(saga_cancelled("")).reason == "already_stopped");
  CHECK(d.no(saga_out_of_time()).reason == "already_stopped");
  d.ok(1);
  CHECK(d.no(saga_cancelled("")).reason == "already_stopped");
}

TEST_CASE("a value does not outrun a cancellation that came before it") {
  driven d{saga_code_of<stubborn>("tests")};
  d.cancel();
  d.ok(1);
  CHECK(d.open() == lines{"undo 2 bookings.unbook"});
  d.ok(2);
  CHECK(d.end() == "undone");
}

TEST_CASE("the pivot decides, in the order of the log") {
  driven before{saga_code_of<with_pivot>("tests")};
  before.cancel();
  before.ok(1);
  CHECK(before.open() == lines{"undo 2 bookings.unbook"});

  driven after{saga_code_of<with_pivot>("tests")};
  after.ok(1);
  CHECK(after.no(saga_cancelled("")).reason == "too_late");
  CHECK(after.no(saga_out_of_time()).reason == "too_late");
  after.now += 1h;
  after.fire(3);
  CHECK(after.end() == "done");
}

TEST_CASE("an aborted saga is undone from its record") {
  driven d{saga_code_of<two_steps>("tests")};
  d.ok(1);
  d.feed(saga_aborted("it hangs", "ada"));
  CHECK(d.open() == lines{"step 2 bookings.book"});  // its outcome is found out first
  d.ok(2);
  d.ok(3);
  d.ok(4);
  CHECK(d.end() == "undone");
  CHECK(d.reason() == "saga_aborted");
}

TEST_CASE("an abort after the pivot leaves what was done") {
  driven d{saga_code_of<with_pivot>("tests")};
  d.ok(1);
  CHECK(d.feed(saga_aborted("")).end->how == saga_outcome::abandoned);
}

TEST_CASE("a cancelled saga can still be aborted") {
  driven d{saga_code_of<with_pivot>("tests")};
  d.cancel();
  d.feed(saga_aborted(""));
  CHECK(d.machine.phase() == saga_phase::settling);
  CHECK(d.no(saga_aborted("")).reason == "already_stopped");
}

TEST_CASE("a saga whose code is not linked is blocked, and can be aborted") {
  driven d{saga_code_of<two_steps>("tests")};
  d.ok(1);
  auto m = rebuild_saga(nullptr, d.log);
  REQUIRE(m);
  auto& machine = **m;
  REQUIRE(machine.blocked());
  CHECK(machine.blocked()->why == saga_block::unknown_version);
  CHECK(machine.feed(saga_answer(2, saga_ok(booked{})), noon).error().reason == "saga_blocked");
  CHECK(machine.to_undo().size() == 1);
  REQUIRE(machine.feed(saga_aborted("no such version"), noon));
  REQUIRE(machine.feed(saga_answer(2, saga_error(refused("full"))), noon));
  REQUIRE(machine.feed(saga_answer(3, saga_ok(booked{})), noon));
  CHECK(machine.ending()->how == saga_outcome::undone);
}

TEST_CASE("a log with a function's return is followed without its code") {
  driven d{saga_code_of<two_steps>("tests")};
  d.ok(1);
  d.fail(2, refused("full"));
  auto m = rebuild_saga(nullptr, d.log);
  REQUIRE(m);
  CHECK((*m)->phase() == saga_phase::undoing);
  CHECK((*m)->fingerprint() == d.machine.fingerprint());
  REQUIRE((*m)->feed(saga_answer(3, saga_ok(booked{})), noon));
  CHECK((*m)->ending()->how == saga_outcome::undone);
}

TEST_CASE("a new run takes over unread events and what would be undone") {
  driven first{saga_code_of<counts>("tests"), ""};
  first.event("note", "1");
  first.event("note", "2");
  first.event("note", "3");
  first.event("note", "4");
  first.ok(2);
  first.ok(4);
  CHECK(first.end() == "again");
  CHECK(first.reply() == R"({"again":{"text":"12"}})");

  auto second = next_of(first);
  CHECK(second.machine.head().run == 2);
  CHECK(second.machine.to_undo().size() == 2);
  CHECK(second.machine.outstanding()[0].request->command != first.machine.run_id());
  second.ok(2);
  second.ok(4);
  CHECK(second.end() == "again");

  auto third = next_of(second);
  CHECK(third.machine.head().undo.size() == 4);
  third.cancel();
  lines names;
  for (int n = 2; third.end() == "no end"; ++n) {
    names.push_back(third.machine.outstanding()[0].request->arguments.text);
    third.ok(n);
  }
  CHECK(names == lines{R"({"name":"4"})", R"({"name":"3"})", R"({"name":"2"})", R"({"name":"1"})"});
  CHECK(third.end() == "undone");
}

TEST_CASE("a new run has other command ids") {
  driven first{saga_code_of<counts>("tests"), ""};
  first.event("note", "1");
  const auto command = first.machine.outstanding()[0].request->command;
  first.ok(2);
  first.event("note", "2");
  first.ok(4);
  auto second = next_of(first);
  second.event("note", "3");
  CHECK(second.machine.outstanding()[0].request->number == 2);
  CHECK(second.machine.outstanding()[0].request->command != command);
}

TEST_CASE("a new run waits for the steps of the old one") {
  driven d{saga_code_of<again_with_open_step>("tests")};
  CHECK(d.end() == "no end");
  SECTION("then it begins") {
    d.event("note", "unread");
    d.ok(1);
    auto next = next_of(d);
    CHECK(next.machine.head().undo.size() == 1);
    CHECK(next.machine.head().unread.size() == 1);
    CHECK(next.reply() == R"({"ok":{"name":"second"}})");
  }
  SECTION("a cancellation meanwhile is not lost") {
    d.cancel();
    d.ok(1);
    CHECK(d.open() == lines{"undo 2 bookings.unbook"});
    d.ok(2);
    CHECK(d.reason() == "saga_cancelled");
  }
}

// --- steps that another saga has taken

TEST_CASE("a step that another saga has refused is nothing that the next run could undo") {
  driven first{saga_code_of<again_with_open_step>("tests")};
  first.feed(saga_begun(1));
  CHECK(first.machine.to_undo().size() == 1);
  first.fail(1, refused("full"));
  REQUIRE(first.end() == "again");
  CHECK(next_of(first).machine.head().undo.empty());
}

TEST_CASE("a step that another saga has taken is undone before it is known: that ends the other saga") {
  driven d{saga_code_of<two_steps>("tests")};
  d.ok(1);
  d.feed(saga_begun(2));
  d.cancel();
  CHECK(d.open() == lines{"step 2 bookings.book", "undo 3 bookings.unbook"});
  SECTION("the other saga is ended") {
    d.ok(3);
    d.fail(2, refused("saga_cancelled"));
  }
  SECTION("it had ended well, and what it did is taken back: not once more when its answer comes") {
    d.ok(3);
    d.ok(2);
  }
  SECTION("likewise, and its answer comes first") {
    d.ok(2);
    CHECK(d.open() == lines{"undo 3 bookings.unbook"});
    d.ok(3);
  }
  SECTION("it was too early: the undo action is asked again, under another command id, when the other has ended well") {
    const auto command = d.machine.outstanding()[1].request->command;
    d.fail(3, refused("on_the_way"));
    CHECK(d.open() == lines{"step 2 bookings.book"});
    CHECK(d.no(saga_undone_by_hand(2, "")).reason == "already_undone");
    d.ok(2);
    REQUIRE(d.open() == lines{"undo 4 bookings.unbook"});
    CHECK(d.machine.outstanding()[0].request->of == 2);
    CHECK(d.machine.outstanding()[0].request->command != command);
    SECTION("and it is refused again: an operator") {
      d.fail(4, refused("never"));
      d.ok(5);
      CHECK(d.machine.phase() == saga_phase::attention);
      d.feed(saga_undone_by_hand(2, "by the test"));
      CHECK(d.end() == "undone");
      return;
    }
    d.ok(4);
  }
  SECTION("it was too early, and the other has failed: there is nothing to undo") {
    d.fail(3, refused("on_the_way"));
    d.fail(2, refused("damaged"));
  }
  REQUIRE(d.machine.outstanding().size() == 1);
  CHECK(d.machine.outstanding()[0].request->of == 1);
  d.ok(d.machine.outstanding()[0].request->number);
  CHECK(d.end() == "undone");
}

TEST_CASE("again() takes the saga's own input") {
  const auto code = saga_code_of<wrong_again>("tests");
  saga_machine m{&code};
  const auto turn = m.start(driven::head_of(), nested(text_message{""}), noon);
  REQUIRE_FALSE(turn);
  CHECK(turn.error().reason == "saga_defect");
}
