// Twelve sagas that do not do the same again. Each is blocked at the turn in which it shows, with a sentence that names
// the turn, the recorded request and the present one; appends nothing from there on, and goes on when its program is
// right. Those that a replay in the same process can not tell from right ones (the order of pointers, unordered
// containers) are found by tests/coroutines/lint_sagas, as are most of the others; see there.
#include "saga_node.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

using namespace saga_tests;

namespace {

using orders_context = saga_context<shop::orders_api>;

// Asks, waits, asks with a text that must always be the same, waits, and ends.
template <auto Text>
durable<result<shop::order_state>> says(orders_context ctx, const shop::order_placed& e) {
  auto first = co_await ctx.ask<shop::orders_api, shop::confirm_order>(e.id);
  if (!first) co_return first.error();
  auto go = co_await ctx.event<shop::payment_approved>("go");
  if (!go) co_return go.error();
  const std::string text = Text();
  auto second = co_await ctx.ask<shop::orders_api, shop::confirm_order>(text);
  if (!second) co_return second.error();
  go = co_await ctx.event<shop::payment_approved>("go");
  if (!go) co_return go.error();
  co_return shop::order_state{e.id, "done"};
}

std::string of_the_clock() { return std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()); }
std::string of_chance() { return std::to_string(std::random_device{}()) + std::to_string(std::random_device{}()); }
std::string of_the_environment() { return std::getenv("SAGA_TEST_TEXT"); }
std::string of_a_counter() {
  static int calls = 0;
  return std::to_string(++calls);
}
int effects = 0;
std::string of_effects() { return std::to_string(effects); }
std::vector<std::unique_ptr<int>> kept;  // so that no address comes twice
std::string of_an_address() {
  kept.push_back(std::make_unique<int>());
  return std::to_string(reinterpret_cast<std::uintptr_t>(kept.back().get()));
}
std::string as_recorded() { return "2"; }
std::string right() { return "right"; }

// Its guard acts whenever the frame is destroyed.
durable<result<shop::order_state>> acts_at_its_end(orders_context ctx, const shop::order_placed& e) {
  struct guard {
    ~guard() { ++effects; }
  };
  const guard acts;
  co_return co_await says<of_effects>(ctx, e);
}

durable<result<shop::order_state>> ends_otherwise(orders_context ctx, const shop::order_placed& e) {
  auto end = co_await says<right>(ctx, e);
  if (!end) co_return end.error();
  co_return shop::order_state{e.id, of_a_counter()};
}

// --- today's programs over the record of says<right>
durable<result<shop::order_state>> other_order(orders_context ctx, const shop::order_placed& e) {
  auto go = co_await ctx.event<shop::payment_approved>("go");
  if (!go) co_return go.error();
  co_return co_await ctx.ask<shop::orders_api, shop::confirm_order>(e.id);
}
durable<result<shop::order_state>> missing_step(orders_context ctx, const shop::order_placed& e) {
  auto first = co_await ctx.ask<shop::orders_api, shop::confirm_order>(e.id);
  if (!first) co_return first.error();
  auto go = co_await ctx.event<shop::payment_approved>("go");
  if (!go) co_return go.error();
  go = co_await ctx.event<shop::payment_approved>("go");
  if (!go) co_return go.error();
  co_return shop::order_state{e.id, "done"};
}
durable<result<shop::order_state>> extra_step(orders_context ctx, const shop::order_placed& e) {
  auto first = co_await ctx.ask<shop::orders_api, shop::confirm_order>(e.id);
  if (!first) co_return first.error();
  (void)ctx.ask<shop::orders_api, shop::confirm_order>("extra");
  co_return co_await says<right>(ctx, e);
}
std::string other_argument() { return "other"; }

struct confirmed_otherwise {
  int pieces = 0;
};
BOOST_DESCRIBE_STRUCT(confirmed_otherwise, (), (pieces))
struct confirm_otherwise {
  using reply = confirmed_otherwise;
  static constexpr sent_as sent{"confirm_order"};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(confirm_otherwise, (), (id))
struct orders_api_of_today {
  static constexpr std::string_view name = "orders";
  using operations = banyan::operations<op<confirm_otherwise, idempotent::by_key>>;
};
durable<result<shop::order_state>> other_reply(saga_context<orders_api_of_today> ctx, const shop::order_placed& e) {
  auto first = co_await ctx.ask<orders_api_of_today, confirm_otherwise>(e.id);
  if (!first) co_return first.error();
  auto go = co_await ctx.event<shop::payment_approved>("go");
  if (!go) co_return go.error();
  co_return shop::order_state{e.id, "done"};
}

template <auto Function>
saga_version program() {
  return {1, saga_code_of<Function>("orders.wrong", 1)};
}
saga_spec spec_of(saga_version v) {
  saga_spec spec;
  spec.name = "orders.wrong";
  spec.category = "wrong";
  spec.versions.push_back(std::move(v));
  return spec;
}
result<saga_receipt> go(saga_node& n, const std::string& command) {
  return n.order({.what = saga_command::receive, .name = "go", .payload = nested(shop::payment_approved{true})},
                 command);
}
// A new program.
void deploy(saga_node& n, saga_version v) {
  test::counting_random random{1};
  n.settle();
  n.spec.versions.front() = std::move(v);
  n.fail_power(random);
  n.settle();
}

struct wrong_saga {
  const char* what;
  saga_version wrong;
  std::vector<const char*> words;    // of the sentence
  saga_version fixed = program<&says<right>>();
  saga_version before = {};          // the program that began it; without code: the wrong one
  void (*meanwhile)() = nullptr;     // before its third turn
};

std::vector<wrong_saga> wrong_sagas() {
  const auto good = program<&says<right>>();
  return {
      {"a clock", program<&says<of_the_clock>>(), {"turn 3, received go", "step 3 orders.confirm_order"}},
      {"chance", program<&says<of_chance>>(), {"turn 3, received go", "step 3 orders.confirm_order"}},
      {"the environment",
       program<&says<of_the_environment>>(),
       {"turn 3, received go", R"({"id":"right"})", R"({"id":"changed"})"},
       good,
       {},
       [] { ::setenv("SAGA_TEST_TEXT", "changed", 1); }},
      {"a static counter",
       program<&says<of_a_counter>>(),
       {"turn 3, received go", R"({"id":"1"})", R"({"id":"2"})"}},
      {"an address", program<&says<of_an_address>>(), {"turn 3, received go", "step 3 orders.confirm_order"}},
      {"a changed argument", program<&says<other_argument>>(), {"turn 3", R"({"id":"right"})", R"({"id":"other"})"},
       good, good},
      {"another order", program<&other_order>(), {"turn 1, started", "step 1", "event 1 go"}, good, good},
      {"a missing step", program<&missing_step>(), {"turn 3", "step 3 orders.confirm_order", "event 3 go"}, good, good},
      {"an extra step", program<&extra_step>(), {"turn 2", "event 2 go", R"({"id":"extra"})"}, good, good},
      {"another reply type", program<&other_reply>(), {"turn 2, answered 1", "a reply type that does not read it"},
       good, good},
      // Its turn was stored before the effect showed: the right program is the one that asks for what is recorded.
      {"an effect in a destructor",
       program<&acts_at_its_end>(),
       {"turn 3, received go", R"(step 3 orders.confirm_order {"id":"2"})", R"({"id":"3"})"},
       program<&says<as_recorded>>()},
      {"another result", program<&ends_otherwise>(), {"turn 5, received go", R"(the end, done {"ok":{"id":"o17")"}},
  };
}

}  // namespace

TEST_CASE("a saga that does not do the same again is blocked at its turn, and goes on when it is right") {
  for (auto& t : wrong_sagas()) {
    DYNAMIC_SECTION(t.what) {
      ::setenv("SAGA_TEST_TEXT", "right", 1);
      effects = 0;
      saga_node n{spec_of(t.before.code.begin ? t.before : t.wrong)};
      REQUIRE(n.start());
      (void)go(n, "first");
      n.pass(1s);
      if (t.meanwhile) t.meanwhile();
      if (t.before.code.begin) deploy(n, t.wrong);
      (void)go(n, "second");
      n.pass(1s);

      const auto seen = n.described();
      REQUIRE(seen);
      REQUIRE(seen->blocked);
      CAPTURE(*seen->blocked);
      CHECK_THAT(*seen->blocked, Catch::Matchers::Matches("turn [0-9]+, (started|answered [0-9]+|received go): "
                                                          "recorded was .+, and now the code has .+"));
      for (const auto* word : t.words) CHECK(seen->blocked->find(word) != std::string::npos);
      CHECK(n.blocked->list().size() == 1);

      // Nothing is appended, whatever happens.
      const auto stored = n.turns();
      CHECK(go(n, "third").error().reason == "saga_blocked");
      CHECK(n.order({.what = saga_command::cancel}, "cancel").error().reason == "saga_blocked");
      n.pass(1h);
      CHECK(n.turns() == stored);

      deploy(n, t.fixed);
      CHECK_FALSE(n.described()->blocked);
      for (const auto* command : {"first", "second", "third"}) {
        n.pass(1s);
        (void)go(n, command);
      }
      n.pass(1s);
      CHECK(n.ending() == R"(done {"ok":{"id":"o17","status":"done"}})");
    }
  }
}

TEST_CASE("what a blocked saga has applied is undone when it is aborted, without its code") {
  saga_node n;
  n.services.needs_approval = true;
  REQUIRE(n.start());
  n.pass(1s);
  deploy(n, {1, saga_code_of<says<right>>("orders.checkout", 1)});
  REQUIRE(n.described()->blocked);
  CHECK(n.order({.what = saga_command::abort, .because = "a test"}, "abort"));
  n.pass(1min);
  CHECK(n.ending().starts_with("undone"));
  CHECK(std::count(n.services.executed.begin(), n.services.executed.end(), "release_stock") == 2);
  CHECK(std::count(n.services.executed.begin(), n.services.executed.end(), "refund") == 1);
}

namespace {

int starts = 0;
durable<result<shop::order_state>> counts_at_once(orders_context ctx, const shop::order_placed&) {
  const auto text = std::to_string(++starts);
  co_return co_await ctx.ask<shop::orders_api, shop::confirm_order>(text);
}

}  // namespace

TEST_CASE("the first turn of a saga that does not do the same again is not stored: it is refused") {
  saga_node n{spec_of(program<&counts_at_once>())};
  const auto refused = n.start();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "saga_blocked");
  CHECK(refused.error().message.find("turn 1, started") != std::string::npos);
  CHECK(n.turns().empty());
  CHECK(n.services.executed.empty());
}

// --- a run that becomes long

TEST_CASE("a saga that comes near a limit is counted once, before it is blocked") {
  auto spec = spec_of(program<&says<right>>());
  spec.limits.turns = 20;
  metrics_registry metrics;
  saga_node n{spec, "o17", {.meters = saga_meters::of(metrics, "wrong")}};
  REQUIRE(n.start());
  n.pass(1s);
  CHECK(metrics.text().find("banyan_saga_warnings_total{saga=\"wrong\"} 1") != std::string::npos);
  (void)go(n, "first");
  n.pass(1s);
  CHECK(metrics.text().find("banyan_saga_warnings_total{saga=\"wrong\"} 1") != std::string::npos);
  CHECK_FALSE(n.described()->blocked);
}

// --- code that throws

namespace {

int throws = 0, thrown = 0;
durable<result<shop::order_state>> throws_now_and_then(orders_context ctx, const shop::order_placed& e) {
  auto first = co_await ctx.ask<shop::orders_api, shop::confirm_order>(e.id);
  if (!first) co_return first.error();
  auto go = co_await ctx.event<shop::payment_approved>("go");
  if (throws > 0) {
    --throws;
    ++thrown;
    throw std::runtime_error{"out of order"};
  }
  co_return shop::order_state{e.id, "done"};
}

}  // namespace

TEST_CASE("a turn whose code throws is taken again twice") {
  throws = 2, thrown = 0;
  saga_node n{spec_of(program<&throws_now_and_then>())};
  REQUIRE(n.start());
  CHECK_FALSE(n.send(saga_order{.what = saga_command::receive, .id = n.id, .name = "go",
                                .payload = nested(shop::payment_approved{true})},
                     "go")
                  .is_there());
  n.pass(10s);
  CHECK(thrown == 2);
  CHECK(n.ending().starts_with("done"));
}

TEST_CASE("the third time it is blocked with what was thrown, and appends nothing") {
  throws = 1'000, thrown = 0;
  saga_node n{spec_of(program<&throws_now_and_then>())};
  REQUIRE(n.start());
  auto asked = n.send(saga_order{.what = saga_command::receive, .id = n.id, .name = "go",
                                 .payload = nested(shop::payment_approved{true})},
                      "go", 1h);
  n.pass(1h);
  CHECK(thrown == 3);
  CHECK(saga_node::value_of(asked).error().reason == "saga_blocked");
  CHECK(n.described()->blocked == "the saga's code threw: out of order");
  CHECK(n.turns().size() == 2);

  SECTION("a restarted program tries as often") {
    test::counting_random random{1};
    n.fail_power(random);
    n.settle();
    (void)n.send(saga_order{.what = saga_command::receive, .id = n.id, .name = "go",
                            .payload = nested(shop::payment_approved{true})},
                 "go", 1h);
    n.pass(1h);
    CHECK(thrown == 6);
    CHECK(n.described()->blocked);
    CHECK(n.turns().size() == 2);
  }
  SECTION("a repaired program goes on") {
    throws = 0;
    CHECK(n.order({.what = saga_command::retry}));
    CHECK(go(n, "go"));
    n.pass(1s);
    CHECK(n.ending().starts_with("done"));
  }
  SECTION("it can be aborted") {
    CHECK(n.order({.what = saga_command::abort, .because = "a test"}, "abort"));
    n.pass(1s);
    CHECK(n.ending().starts_with("undone"));
  }
}
