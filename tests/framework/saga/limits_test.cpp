// Limits: typed errors at the request, blocked when a run is too long, and never terminated.
#include "driven.hpp"

using namespace saga_tests;

namespace {

durable<result<booked>> asks_large(ctx_t ctx, const text_message& m) {
  auto done = co_await book_it(ctx, m.text + m.text);
  if (!done) co_return done.error();
  co_return *done;
}
durable<result<booked>> undoes_large(ctx_t ctx, const text_message& m) {
  auto done = co_await ctx.ask<bookings_api, book>("x").undone_by<bookings_api, unbook>(m.text + m.text);
  if (!done) co_return done.error();
  co_return *done;
}
durable<result<booked>> asks_many(ctx_t ctx, const text_message&) {
  std::vector<pending<booked>> all;
  for (int i = 0; i < 5; ++i) all.push_back(ctx.ask<bookings_api, book>(std::to_string(i)));
  auto done = co_await ctx.all(all);
  for (auto& d : done)
    if (!d) co_return d.error();
  co_return booked{"all"};
}
durable<result<booked>> arms_many(ctx_t ctx, const text_message&) {
  std::vector<pending<timer_fired>> all;
  for (int i = 0; i < 5; ++i) all.push_back(ctx.timer(1h));
  auto woken = co_await all.back();
  if (!woken) co_return woken.error();
  co_return booked{"all"};
}
durable<result<booked>> undoes_many(ctx_t ctx, const text_message&) {
  for (int i = 0; i < 5; ++i) {
    auto done = co_await book_it(ctx, std::to_string(i));
    if (!done) co_return done.error();
  }
  co_return booked{"all"};
}
durable<result<booked>> never_waits(ctx_t ctx, const text_message&) {
  for (;;) ctx.status("busy");
  co_return booked{};
}
durable<result<booked>> awaits_what_is_there(ctx_t ctx, const text_message&) {
  auto note = ctx.event<text_message>("note");
  for (;;) (void)co_await note;
  co_return booked{};
}
durable<result<booked>> listens(ctx_t ctx, const text_message&) {
  for (;;) {
    auto note = co_await ctx.event<text_message>("note");
    if (!note) co_return note.error();
  }
}
durable<result<booked>> remembers_large(ctx_t ctx, const text_message&) {
  auto text = ctx.remember("text", [] { return std::string(100'000, 'x'); });
  co_return booked{text};
}

// The refusal is in the record: a replay with other limits is no other saga.
void holds_with_default_limits(const driven& d) {
  auto m = rebuild_saga(&d.code, d.log);
  if (!m) FAIL(m.error().message);
  CHECK((*m)->fingerprint() == d.machine.fingerprint());
}

}  // namespace

TEST_CASE("a request that is too large is an error of the saga, and is not stored") {
  driven d{saga_code_of<asks_large>("tests"), std::string(60, 'x'), {.payload = 100}};
  CHECK(d.end() == "undone");
  const auto why = *error_in(d.machine.ending()->result);
  CHECK(why.code == code::invalid_argument);
  CHECK(why.reason == "too_large");
  CHECK(why.field == "arguments");
  CHECK(d.log[0].find(std::string(61, 'x')) == std::string::npos);
  holds_with_default_limits(d);
}

TEST_CASE("an undo action that is too large, or one too many, refuses its step") {
  driven large{saga_code_of<undoes_large>("tests"), std::string(60, 'x'), {.payload = 100}};
  CHECK(large.reason() == "too_large");
  CHECK(error_in(large.machine.ending()->result)->field == "undo");
  holds_with_default_limits(large);

  driven many{saga_code_of<undoes_many>("tests"), "x", {.undo = 3}};
  for (int n = 1; n <= 3; ++n) many.ok(n);
  CHECK(many.machine.phase() == saga_phase::undoing);
  for (int n = 5; n <= 7; ++n) many.ok(n);
  CHECK(error_in(many.machine.ending()->result)->code == code::exhausted);
  holds_with_default_limits(many);
}

TEST_CASE("steps and timers without an answer are counted") {
  driven steps{saga_code_of<asks_many>("tests"), "x", {.outstanding = 3}};
  for (int n = 1; n <= 3; ++n) steps.ok(n);
  CHECK(error_in(steps.machine.ending()->result)->code == code::exhausted);
  holds_with_default_limits(steps);

  driven timers{saga_code_of<arms_many>("tests"), "x", {.timers = 4}};
  CHECK(error_in(timers.machine.ending()->result)->code == code::exhausted);
  holds_with_default_limits(timers);
}

TEST_CASE("a loop that never waits is a defect") {
  for (const auto& code : {saga_code_of<never_waits>("tests"), saga_code_of<remembers_large>("tests")}) {
    saga_machine m{&code};
    const auto turn = m.start(driven::head_of(), nested(text_message{"x"}), noon);
    REQUIRE_FALSE(turn);
    CHECK(turn.error().reason == "saga_defect");
    REQUIRE(m.blocked());
    CHECK(m.blocked()->why == saga_block::defect);
  }
  driven d{saga_code_of<awaits_what_is_there>("tests")};
  CHECK(d.machine.feed(saga_event("note", {R"({"text":""})"}), noon).error().reason == "saga_defect");
}

TEST_CASE("what is nested too deep to be read back is refused like what is too large") {
  driven d{saga_code_of<listens>("tests")};
  const auto nested_in = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK(d.no(saga_event("deep", {nested_in(27)})).reason == "too_large");
  CHECK(d.no(saga_event("deep", {nested_in(40)})).code == code::invalid_argument);
  d.feed(saga_event("deep", {nested_in(26)}));
  d.feed(saga_event("text", {"\"" + std::string(50, '[') + "\\\"" + std::string(50, '[') + "\""}));
}

TEST_CASE("unread events together are bounded, since a new run takes them over") {
  driven d{saga_code_of<listens>("tests"), "x", {.bytes = 4'000}};
  d.event("a", std::string(400, 'x'));
  d.event("b", std::string(400, 'x'));
  CHECK(d.no(saga_event("c", nested(text_message{std::string(400, 'x')}))).code == code::exhausted);
}

TEST_CASE("undo actions together are bounded, for the same reason") {
  driven d{saga_code_of<undoes_large>("tests"), std::string(300, 'x'), {.bytes = 2'000}};
  CHECK(error_in(d.machine.ending()->result)->code == code::exhausted);
  holds_with_default_limits(d);
}

TEST_CASE("a turn that is too large is a defect") {
  const auto code = saga_code_of<asks_large>("tests");
  saga_machine m{&code, {.bytes = 100u << 20, .payload = 100u << 20}};
  CHECK(m.start(driven::head_of(), nested(text_message{std::string(2u << 20, 'x')}), noon).error().reason ==
        "saga_defect");
}

TEST_CASE("an answer that is too large is recorded as an error of an applied step") {
  driven d{saga_code_of<asks_large>("tests"), "x", {.payload = 100}};
  const auto turn = d.ok(1, std::string(200, 'x'));
  const auto why = *error_in(turn.because.payload);
  CHECK(why.reason == "answer_too_large");
  CHECK(why.outcome == outcome::applied);
  CHECK(d.machine.outstanding()[0].request->of == 1);
  const auto large = error{code::refused, std::string(200, 'x')}.because("full");
  const auto failed = d.fail(2, large);
  CHECK(failed.because.payload.text.size() < 400);
  CHECK(d.machine.phase() == saga_phase::attention);
}

TEST_CASE("an event that is too large, or one too many of a name, is its sender's problem") {
  driven d{saga_code_of<asks_large>("tests"), "x", {.payload = 100, .unread = 2}};
  CHECK(d.no(saga_event("note", nested(text_message{std::string(200, 'x')}))).field == "payload");
  d.event("note", "1");
  d.event("note", "2");
  CHECK(d.no(saga_event("note", nested(text_message{"3"}))).code == code::exhausted);
  d.event("other", "3");
}

TEST_CASE("a run that is too long is blocked, and can be raised, or aborted") {
  const auto code = saga_code_of<listens>("tests");
  for (const saga_limits limits : {saga_limits{.turns = 3}, saga_limits{.bytes = 350}}) {
    driven d{code, "x", limits};
    d.event("note", "1");
    d.event("note", "2");
    REQUIRE(d.machine.blocked());
    CHECK(d.machine.blocked()->why == saga_block::too_long);
    CHECK(d.no(saga_event("note", nested(text_message{"3"}))).reason == "saga_blocked");
    auto raised = rebuild_saga(&code, d.log);
    REQUIRE(raised);
    CHECK((*raised)->feed(saga_event("note", nested(text_message{"3"})), noon));
    d.feed(saga_aborted("too long"));
    CHECK(d.end() == "undone");
  }
}

TEST_CASE("warnings come before the limits") {
  driven d{saga_code_of<listens>("tests"), "x", {.turns = 30}};
  CHECK(d.machine.warnings().empty());
  d.event("note", "1");
  d.event("note", "2");
  const auto found = d.machine.warnings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].limit == "turns");
  CHECK(found[0].used == 3);
  CHECK(found[0].most == 30);
}
