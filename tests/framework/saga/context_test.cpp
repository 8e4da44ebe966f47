// The rest of a saga's vocabulary.
#include "driven.hpp"

#include <set>

using namespace saga_tests;
using lines = std::vector<std::string>;

namespace {

struct order_shipped {
  static constexpr stored_as stored{"orders.shipped", 2};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_shipped, (), (id))

durable<result<booked>> has_policies(ctx_t ctx, const text_message&) {
  auto patient = ctx.ask<bookings_api, book>("a").within(5s).attempts(3);
  auto hasty = ctx.ask<bookings_api, book>("b").retry({.attempts = 1, .first_wait = 1ms, .longest_wait = 1s});
  auto [a, b] = co_await ctx.all(patient, hasty);
  if (!a) co_return a.error();
  if (!b) co_return b.error();
  co_return booked{"both"};
}

durable<result<booked>> publishes_two(ctx_t ctx, const text_message& m) {
  ctx.status("publishing");
  ctx.publish<order_shipped>(m.text);
  const order_shipped second{"second"};
  ctx.publish<order_shipped>(second);
  co_return booked{"x"};
}

durable<result<booked>> makes_ids(ctx_t ctx, const text_message& m) {
  std::set<std::string> ids{to_string(ctx.new_id("shipment")),       to_string(ctx.new_id("shipment", 1)),
                            to_string(ctx.new_id("parcel")),         std::to_string(ctx.random("jitter")),
                            std::to_string(ctx.random("jitter", 1)), std::to_string(ctx.random("shipment"))};
  ids.insert(to_string(ctx.new_id("shipment")));
  std::string all = std::to_string(ids.size());
  for (auto& id : ids) all += " " + id;
  auto done = co_await ctx.ask<bookings_api, book>(all);
  if (!done) co_return done.error();
  if (ctx.run() > 1) co_return booked{m.text};
  const text_message next{"again"};
  co_return ctx.again(next);
}

durable<result<booked>> waits_for_two_kinds(ctx_t ctx, const text_message&) {
  auto step = ctx.ask<bookings_api, book>("a");
  auto note = ctx.event<text_message>("note");
  auto until = ctx.timer_at(noon + 1min);
  auto [done, said, woken] = co_await ctx.all(step, note, until);
  if (!done || !said || !woken) co_return refused("stopped");
  co_return booked{done->name + said->text + std::to_string(ctx.is_stopped())};
}

durable<result<booked>> first_of_many_steps(ctx_t ctx, const text_message&) {
  std::vector<pending<booked>> all;
  for (const char* name : {"a", "b", "c"}) {
    std::string text{name};
    all.push_back(ctx.ask<bookings_api, book>(text));
  }
  const auto winner = co_await ctx.first(all);
  co_return booked{std::to_string(winner)};
}

durable<result<booked>> first_of_nothing(ctx_t ctx, const text_message&) {
  const std::vector<pending<booked>> none;
  const auto winner = co_await ctx.first(none);
  co_return booked{std::to_string(winner)};
}
durable<result<booked>> all_of_nothing(ctx_t ctx, const text_message&) {
  const std::vector<pending<booked>> none;
  auto all = co_await ctx.all(none);
  co_return booked{std::to_string(all.size())};
}

// A setting that changes while the saga lives.
int setting = 1;
durable<result<booked>> remembers(ctx_t ctx, const text_message&) {
  const auto n = ctx.remember("setting", [] { return setting; });
  auto done = co_await ctx.ask<bookings_api, book>(std::to_string(n));
  if (!done) co_return done.error();
  co_return booked{std::to_string(n)};
}

// Requests that name their command themselves, whoever sends them.
struct book_seat {
  using reply = booked;
  std::string seat, name;
  std::string idempotency_key() const { return seat; }
};
BOOST_DESCRIBE_STRUCT(book_seat, (), (seat, name))
struct free_seat {
  using reply = booked;
  std::string seat;
  std::string idempotency_key() const { return seat; }
};
BOOST_DESCRIBE_STRUCT(free_seat, (), (seat))
struct seats_api {
  static constexpr std::string_view name = "seats";
  using operations = banyan::operations<op<book_seat, idempotent::by_key>, op<free_seat, idempotent::by_key>>;
};

durable<result<booked>> books_a_seat(saga_context<seats_api> ctx, const text_message& m) {
  auto seat = co_await ctx.ask<seats_api, book_seat>("7a", m.text).undone_by<seats_api, free_seat>("7a");
  if (!seat) co_return seat.error();
  co_return refused("changed_my_mind");
}

}  // namespace

TEST_CASE("a request with a key of its own has the command of that key, and so has what undoes it, also without code") {
  driven d{saga_code_of<books_a_seat>("tests")};
  CHECK(d.machine.outstanding().at(0).request->command == uuid_from_name("book_seat", "7a"));
  d.ok(1);
  CHECK(d.machine.outstanding().at(0).request->command == uuid_from_name("free_seat", "7a"));

  driven stopped{saga_code_of<books_a_seat>("tests")};
  auto code_is_gone = rebuild_saga(nullptr, stopped.log).value();
  REQUIRE(code_is_gone->feed(saga_aborted("its code is gone"), stopped.now));
  REQUIRE(code_is_gone->feed(saga_answer(1, saga_ok(booked{"x"})), stopped.now));
  CHECK(code_is_gone->outstanding().at(0).request->command == uuid_from_name("free_seat", "7a"));
}

TEST_CASE("how a step is asked is told with it, and is no part of the record") {
  driven d{saga_code_of<has_policies>("tests")};
  auto again = rebuild_saga(&d.code, d.log);
  REQUIRE(again);
  for (const auto* m : {&d.machine, again->get()}) {
    const auto open = m->outstanding();
    REQUIRE(open.size() == 2);
    CHECK(open[0].policy->within == timespan{5s});
    CHECK(open[0].policy->attempts == 3);
    CHECK(open[1].policy->attempts == 1);
    CHECK(open[1].policy->longest_wait == timespan{1s});
  }
  CHECK(d.log[0].find("attempts") == std::string::npos);
  // The driver gave up after its attempts: what was not applied is given to the saga.
  d.ok(2);
  d.fail(1, error{code::unavailable, "down"});
  CHECK(error_in(d.machine.ending()->result)->code == code::unavailable);
}

TEST_CASE("domain events are part of the turn") {
  driven d{saga_code_of<publishes_two>("tests")};
  CHECK(d.machine.status() == "publishing");
  CHECK(d.log[0].find(
            R"("then":[{"kind":"status","name":"publishing"},)"
            R"({"kind":"publish","number":1,"name":"orders.shipped","version":2,"arguments":{"id":"x"}},)"
            R"({"kind":"publish","number":2,"name":"orders.shipped","version":2,"arguments":{"id":"second"}}])") !=
        std::string::npos);
}

TEST_CASE("ids and random numbers are the same in every replay, and others in another run") {
  driven d{saga_code_of<makes_ids>("tests")};
  const auto first = d.machine.outstanding()[0].request->arguments.text;
  CHECK(first.starts_with(R"({"name":"6 )"));
  d.ok(1);
  auto next = d.machine.next_run();
  REQUIRE(next);
  driven second{d.code, next->head, next->input};
  CHECK(second.machine.outstanding()[0].request->arguments.text != first);
}

TEST_CASE("steps, events and timers are waited for together") {
  driven d{saga_code_of<waits_for_two_kinds>("tests")};
  SECTION("all came") {
    d.event("note", "1");
    d.now += 2min;
    d.fire(3);
    d.ok(1, "a");
    CHECK(d.reply() == R"({"ok":{"name":"a10"}})");
  }
  SECTION("a cancellation ends the wait when the step is known") {
    d.cancel();
    CHECK(d.end() == "no end");
    d.ok(1, "a");
    CHECK(d.reason() == "stopped");
  }
}

TEST_CASE("the first of a vector, in the order of the log") {
  driven d{saga_code_of<first_of_many_steps>("tests")};
  d.ok(3);
  CHECK(d.machine.phase() == saga_phase::settling);
  d.ok(1);
  d.ok(2);
  CHECK(d.reply() == R"({"ok":{"name":"2"}})");
}

TEST_CASE("all of nothing is there at once, the first of nothing never") {
  CHECK(driven{saga_code_of<all_of_nothing>("tests")}.reply() == R"({"ok":{"name":"0"}})");
  const auto code = saga_code_of<first_of_nothing>("tests");
  saga_machine m{&code};
  CHECK(m.start(driven::head_of(), nested(text_message{""}), noon).error().message ==
        "first() of nothing is never there");
}

TEST_CASE("a remembered value is computed once") {
  setting = 1;
  driven d{saga_code_of<remembers>("tests")};
  setting = 2;
  d.ok(2);  // verified by a replay
  CHECK(d.reply() == R"({"ok":{"name":"1"}})");
}
