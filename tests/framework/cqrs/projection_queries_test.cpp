// What queries that present a position are told, while the projection follows, holds back, stands still or starts.
#include <tests/framework/cqrs/numbers_view.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("a query that presents a position is answered from a view that includes it") {
  numbers_view n;
  auto at = n.append("numbers-a");
  auto a = n.ask_count(at);
  CHECK(n.value_of(a).value() == 1);
}

TEST_CASE("a query for a write that is held back is told so, before and after the view has passed it") {
  numbers_view n;
  auto at = n.append("numbers-a", GENERATE(std::string{"?"}, std::string{"!"}));
  auto other = n.append("numbers-b");
  auto waited = n.ask_count(at);
  CHECK(n.value_of(waited).error().code == code::unavailable);
  CHECK(n.value_of(waited).error().reason == "parked");
  auto later = n.ask_count(at);
  CHECK(n.value_of(later).error().reason == "parked");
  CHECK(n.value_of(n.ask_count(other)).value() == 1);
  CHECK(n.value_of(n.ask_count(0)).value() == 1);
  n.mended = true;
  n.replay("numbers-a").value();
  CHECK(n.value_of(n.ask_count(at)).value() == 2);
}

TEST_CASE("a query for a position that nobody writes is stale after its time, and waits no longer") {
  numbers_view n;
  auto a = n.ask_count(5);
  CHECK_FALSE(a.is_there());
  auto begun = n.s.clock.time;
  while (!a.is_there()) n.settle(10ms);
  CHECK(n.s.clock.time - begun >= 2s);
  CHECK(n.s.clock.time - begun < 2100ms);
  CHECK(n.value_of(a).error().code == code::deadline_exceeded);
  CHECK(n.value_of(a).error().reason == "stale_view");
}

TEST_CASE("queries that wait are bounded, and those whose time is up make room though the view stands still") {
  auto open = GENERATE(true, false);
  numbers_view n{1000, {.waiting = 2}};
  if (!open) {
    n.restart();
    n.s.run();  // what it asks of the journal is not answered
  }
  auto ask = [&](timespan limit) { return n.s.ask(n.projection, projection_actor::await_position{5}, limit); };
  auto first = ask(3s), second = ask(1s);
  auto third = ask(1s);
  REQUIRE(third.is_there());
  CHECK(third->error().code == code::exhausted);
  if (!open) return;
  n.settle(1100ms);
  CHECK(second.is_there());
  CHECK_FALSE(first.is_there());
  CHECK_FALSE(ask(1s).is_there());
  CHECK(ask(1s).is_there());
}

TEST_CASE("queries that come while the view is being opened are answered when it is") {
  numbers_view n;
  n.append("numbers-a");
  n.settle();
  n.restart();
  n.s.run();
  auto a = n.s.ask(n.projection, projection_actor::await_position{1}, 1s);
  auto b = n.s.ask(n.projection, projection_actor::await_position{2}, 1s);
  CHECK_FALSE(a.is_there());
  n.settle();
  CHECK(a->value() == freshness::fresh);
  CHECK_FALSE(b.is_there());
  n.append("numbers-a");
  n.settle();
  CHECK(b->value() == freshness::fresh);
}

TEST_CASE("a query that finds the view damaged has it opened anew, once however many find it") {
  numbers_view n;
  n.append("numbers-a");
  n.settle();
  CHECK(n.store->opened() == 1);
  n.store->damage();
  auto found = n.ask_count(0);
  n.settle(1s);
  CHECK(n.value_of(found).error().code == code::unavailable);
  CHECK(n.value_of(found).error().reason == "view_damaged");
  CHECK(n.store->opened() == 2);
  CHECK(n.s.system.counters().crashes == 1);
  n.s.system.send(n.projection, projection_actor::view_damaged{});  // of a query that was slower
  n.settle(1s);
  CHECK(n.store->opened() == 2);
  CHECK(n.value_of(n.ask_count(0)).value() == 1);
}

TEST_CASE("while a view is opened anew it is not open, whatever it had applied before") {
  numbers_view n;
  auto at = n.append("numbers-a");
  n.settle();
  REQUIRE(n.progress->applied == at);
  n.restart();
  n.s.run();  // what it asks of the journal is not answered
  CHECK(n.progress->applied == -1);
  CHECK(n.value_of(n.ask_count(at)).value() == 1);
  CHECK(n.progress->applied == at);
}

TEST_CASE("a query is not answered from a view that was emptied after it had been found fresh") {
  numbers_view n;
  auto at = n.append("numbers-a");
  n.settle();
  const view_store::source another_journal{journal_history{derive(uuid{}, 2, "another journal")}, at};
  const auto create = [](view_writer& v) { v.run("create table numbers(n integer, stream text, position integer)"); };
  n.store->real().open(another_journal, create, [](result<view_store::state> r) { CHECK(r.value().dropped); });
  REQUIRE(n.progress->applied == at);
  const auto a = n.ask_count(at);
  CHECK(n.value_of(a).error().code == code::deadline_exceeded);
  CHECK(n.value_of(a).error().reason == "stale_view");
}

TEST_CASE("the deadline and the cancellation of a query go with it to the view") {
  numbers_view n;
  n.append("numbers-a");
  n.settle();
  int answered = 0;
  n.queries.queries[0].answer = [&](view_reader& v, message&) {
    result<std::int64_t> rows = v.first<std::int64_t>("select count(*) from numbers").value();
    ++answered;
    return detail::make_answer(0, std::move(rows));
  };
  auto ask = [&](timespan limit, cancellation_ptr flag) {
    auto l = make_message<count_numbers>();
    message_context context;
    context.cancelled = std::move(flag);
    l->context = std::make_shared<const message_context>(std::move(context));
    stepped::answer_slot<message_ptr> a;
    n.s.system.ask_message(n.front, std::move(l), limit, a.slot());
    n.s.run();  // it is in the view's queue now
    return a;
  };
  const auto flag = std::make_shared<cancellation>();
  auto wanted = ask(10s, nullptr), due = ask(1s, nullptr), cancelled = ask(10s, flag);
  n.s.advance(1100ms);
  flag->cancel();
  n.settle();
  CHECK(n.value_of(wanted).value() == 1);
  CHECK(n.value_of(due).error().code == code::deadline_exceeded);
  CHECK(n.value_of(cancelled).error().code == code::deadline_exceeded);
  CHECK(n.value_of(cancelled).error().reason == "cancelled");
  CHECK(answered == 1);
}

TEST_CASE("a view is asked although its disk is full when it is opened, as far as it had come") {
  numbers_view n;
  auto at = n.append("numbers-a");
  n.settle();
  n.store->fail_writes({code::exhausted, "the disk is full"}, 1000);
  n.restart();
  n.append("numbers-a");
  n.settle(1s);
  CHECK(n.progress->applied == at);
  CHECK(n.value_of(n.ask_count(at)).value() == 1);
}

TEST_CASE("a query that is ended by an exception is answered, and ends alone") {
  numbers_view n;
  const auto at = n.append("numbers-a");
  const auto waits = n.ask_count(at + 1);
  const auto before = n.s.system.counters();
  n.store->throw_once();
  const auto failed = n.ask_count(0);
  REQUIRE(failed.is_there());
  CHECK(n.value_of(failed).error().code == code::internal);
  CHECK(n.value_of(failed).error().message.find("a defect") == std::string::npos);
  CHECK(n.s.system.counters().crashes == before.crashes);
  CHECK(n.s.system.counters().failed_requests == before.failed_requests + 1);
  CHECK_FALSE(waits.is_there());
  n.append("numbers-a");
  n.settle();
  CHECK(n.value_of(waits).value() == 2);
}
