// The coroutine type: nesting, the depth of the stack, exceptions, and frames that are destroyed while they wait.
#include "driven.hpp"

#include <banyan/core/money.hpp>

#include <memory>

using namespace saga_tests;

namespace {

durable<int> nothing(ctx_t&, int n) { co_return n; }
durable<void> wait_for(ctx_t& ctx, std::string name) {
  auto note = co_await ctx.event<text_message>(name);
  (void)note;
}
durable<result<booked>> inner(ctx_t& ctx, const std::string& name) {
  co_await wait_for(ctx, name);
  auto done = co_await book_it(ctx, name);
  if (!done) co_return done.error();
  co_return *done;
}
durable<result<std::string>> middle(ctx_t& ctx) {
  std::string all;
  for (const char* name : {"a", "b"}) {
    std::string text{name};
    auto done = co_await inner(ctx, text);
    if (!done) co_return done.error();
    all += done->name;
  }
  co_return all;
}
durable<result<booked>> nested_functions(ctx_t ctx, const text_message&) {
  auto all = co_await middle(ctx);
  if (!all) co_return all.error();
  co_return booked{*all};
}

durable<result<booked>> many_without_waiting(ctx_t ctx, const text_message&) {
  std::int64_t sum = 0;
  for (int i = 0; i < 300'000; ++i) sum += co_await nothing(ctx, 1);
  co_return booked{std::to_string(sum)};
}
// Each of them waits, and its end resumes the loop.
durable<result<booked>> many_that_wait(ctx_t ctx, const text_message&) {
  for (int i = 0; i < 2'000; ++i) co_await wait_for(ctx, "note");
  co_return booked{"done"};
}
durable<int> ends_after(ctx_t& ctx, int depth) {
  if (depth == 0) {
    co_await wait_for(ctx, "note");
    co_return 0;
  }
  const int below = co_await ends_after(ctx, depth - 1);
  co_return below + 1;
}
durable<result<booked>> deep(ctx_t ctx, const text_message&) {
  const int depth = co_await ends_after(ctx, 500);
  co_return booked{std::to_string(depth)};
}

durable<int> throws_inside(ctx_t& ctx) {
  co_await wait_for(ctx, "note");
  throw std::runtime_error{"a defect"};
}
durable<result<booked>> throws(ctx_t ctx, const text_message&) {
  const int n = co_await throws_inside(ctx);
  co_return booked{std::to_string(n)};
}
durable<result<booked>> catches(ctx_t ctx, const text_message&) {
  std::string caught;
  try {
    (void)co_await throws_inside(ctx);
  } catch (const std::exception& e) {
    caught = e.what();
  }
  co_return booked{caught};
}
durable<result<booked>> swallows_everything(ctx_t ctx, const text_message&) {
  try {
    for (;;) ctx.status("busy");
  } catch (...) {
  }
  co_return booked{"nothing happened"};
}
durable<result<booked>> undo_too_late(ctx_t ctx, const text_message&) {
  auto step = ctx.ask<bookings_api, book>("a");
  auto other = ctx.ask<bookings_api, book>("b");
  (void)step.undone_by<bookings_api, unbook>("a");
  auto done = co_await other;
  co_return *done;
}
durable<result<booked>> gets_too_early(ctx_t ctx, const text_message&) {
  auto step = ctx.ask<bookings_api, book>("a");
  co_return step.get();
}

// A variable whose destructor acts, which it must not.
struct acts_at_the_end {
  ctx_t* ctx;
  ~acts_at_the_end() { (void)ctx->timer(1s); }
};
durable<result<booked>> acts(ctx_t ctx, const text_message&) {
  const acts_at_the_end local{&ctx};
  auto note = co_await ctx.event<text_message>("note");
  (void)note;
  co_return booked{"x"};
}

int alive = 0;
struct counted {
  counted() { ++alive; }
  counted(const counted&) { ++alive; }
  ~counted() { --alive; }
  std::string text = "a text that is too long for the small string optimisation";
};
durable<result<booked>> holds_variables(ctx_t ctx, const text_message& m) {
  const counted here;
  const money price{1999, "GBP and a text that owns memory for sure"};
  auto shared = std::make_shared<counted>();
  auto done = co_await inner(ctx, here.text + price.currency + m.text);
  if (!done) co_return done.error();
  co_return booked{shared->text};
}

}  // namespace

TEST_CASE("durable functions nest, and are rebuilt with their callers") {
  driven d{saga_code_of<nested_functions>("tests")};
  d.event("a", "");
  d.ok(2, "1");
  d.event("b", "");
  d.ok(4, "2");
  CHECK(d.reply() == R"({"ok":{"name":"12"}})");
}

TEST_CASE("the stack does not grow with the number of functions that end at once") {
  CHECK(driven{saga_code_of<many_without_waiting>("tests")}.reply() == R"({"ok":{"name":"300000"}})");
}

TEST_CASE("nor with the number of functions that waited") {
  const auto code = saga_code_of<many_that_wait>("tests");
  saga_machine m{&code};
  REQUIRE(m.start(driven::head_of(), nested(text_message{""}), noon));
  for (int i = 0; i < 2'000; ++i) REQUIRE(m.feed(saga_event("note", nested(text_message{""})), noon));
  CHECK(m.ending()->how == saga_outcome::done);
}

TEST_CASE("functions may be nested deeply") {
  driven d{saga_code_of<deep>("tests")};
  d.event("note", "");
  CHECK(d.reply() == R"({"ok":{"name":"500"}})");
}

TEST_CASE("what a saga throws is a defect, which blocks it with what was thrown") {
  driven d{saga_code_of<throws>("tests")};
  const auto turn = d.machine.feed(saga_event("note", nested(text_message{""})), noon);
  REQUIRE_FALSE(turn);
  CHECK(turn.error().reason == "saga_threw");
  CHECK(turn.error().message == "the saga's code threw: a defect");
  CHECK(d.machine.blocked()->why == saga_block::defect);
  CHECK(d.machine.turns() == 1);
}

TEST_CASE("a saga may catch what its functions throw") {
  driven d{saga_code_of<catches>("tests")};
  d.event("note", "");
  CHECK(d.reply() == R"({"ok":{"name":"a defect"}})");
}

TEST_CASE("wrong use is a defect that says what is wrong, also when the saga swallows it") {
  const std::pair<saga_code, std::string> wrong[] = {
      {saga_code_of<swallows_everything>("tests"), "a loop that never waits"},
      {saga_code_of<undo_too_late>("tests"), "undone_by() belongs to the step's ask()"},
      {saga_code_of<gets_too_early>("tests"), "get() of step 1 bookings.book"}};
  for (const auto& [code, sentence] : wrong) {
    saga_machine m{&code};
    const auto turn = m.start(driven::head_of(), nested(text_message{""}), noon);
    REQUIRE_FALSE(turn);
    CHECK(turn.error().reason == "saga_defect");
    CHECK(turn.error().message.find(sentence) != std::string::npos);
  }
}

TEST_CASE("a destructor that acts is not heard when its frame is dropped") {
  driven d{saga_code_of<acts>("tests")};
  CHECK(d.machine.outstanding().empty());
  (void)rebuild_saga(&d.code, d.log);  // builds and drops
  d.feed(saga_aborted(""));
  CHECK(d.end() == "undone");
}

TEST_CASE("a frame that is dropped while it waits destroys its variables") {
  {
    driven d{saga_code_of<holds_variables>("tests")};
    CHECK(alive == 2);
    { auto again = rebuild_saga(&d.code, d.log); CHECK(alive == 4); }
    CHECK(alive == 2);
    d.feed(saga_aborted(""));
    CHECK(alive == 0);
  }
  driven d{saga_code_of<holds_variables>("tests")};
  CHECK(alive == 2);
}
