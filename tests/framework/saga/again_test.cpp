// Sagas that go on as new runs, that start by an operation, that are blocked, and that leave memory.
#include "saga_node.hpp"

#include <banyan/event_sourcing/erased_aggregate.hpp>

using namespace saga_tests;

namespace {

// Confirms an order so many times, each in a run of its own.
struct confirm_many {
  using reply = shop::order_state;
  std::string id;
  int times = 0;
};
BOOST_DESCRIBE_STRUCT(confirm_many, (), (id, times))
struct confirmed_once {
  static constexpr stored_as stored{"orders.confirmed", 1};
  int left = 0;
};
BOOST_DESCRIBE_STRUCT(confirmed_once, (), (left))
using confirm_context = saga_context<shop::orders_api>;

durable<result<shop::order_state>> confirm_again(confirm_context ctx, const confirm_many& m) {
  auto done = co_await ctx.ask<shop::orders_api, shop::confirm_order>(m.id);
  if (!done) co_return done.error();
  ctx.publish<confirmed_once>(m.times);
  if (m.times <= 1) co_return *done;
  const confirm_many next{m.id, m.times - 1};
  co_return ctx.again(next);
}

bool other_code = false;  // what a new version of the program would be
durable<result<shop::order_state>> confirm_changed(confirm_context ctx, const confirm_many& m) {
  if (other_code) ctx.publish<confirmed_once>(m.times);
  auto stays = ctx.event<confirmed_once>("stays");
  auto done = co_await ctx.ask<shop::orders_api, shop::confirm_order>(m.id);
  auto left = co_await stays;
  if (!left) co_return left.error();
  co_return done;
}

durable<result<shop::order_state>> confirm_throws(confirm_context ctx, const confirm_many& m) {
  auto done = co_await ctx.ask<shop::orders_api, shop::confirm_order>(m.id);
  if (other_code) throw std::runtime_error{"a defect"};
  co_return done;
}

template <auto Function>
saga_spec spec_of() {
  saga_spec spec;
  spec.name = "orders.confirm";
  spec.category = "confirms";
  spec.versions.push_back({1, saga_code_of<Function>("orders.confirm", 1)});
  spec.request = type_of<confirm_many>();
  spec.input_of = [](message& m) { return nested(m.as<confirm_many>()); };
  spec.answer = &banyan::detail::stored_reply_message<shop::order_state>;
  spec.id_of = [](message& m) { return m.as<confirm_many>().id; };
  return spec;
}

}  // namespace

TEST_CASE("a saga goes on as new runs; who started it is answered at the end of the last one") {
  saga_node n{spec_of<confirm_again>()};
  auto asked = n.send(confirm_many{"o17", 5}, "start", 1min);
  n.settle();
  CHECK(saga_node::value_of<shop::order_state>(asked)->status == "confirmed");
  CHECK(n.services.executed.size() == 5);
  for (int run = 1; run <= 5; ++run) {
    CHECK(n.turns(run).size() == 2);
    CHECK(from_json<saga_turned>(n.turns(run).front())->head->run == run);
  }
  CHECK(n.turns(6).empty());
  // A repeat, also with another command id and by another actor, gets the same answer.
  test::counting_random random;
  n.fail_power(random);
  auto again = n.send(confirm_many{"o17", 5}, "another", 1min);
  n.settle();
  CHECK(saga_node::value_of<shop::order_state>(again)->status == "confirmed");
  CHECK(n.described()->run == 5);
  auto other = n.send(confirm_many{"o17", 4}, "other", 1min);
  n.settle();
  CHECK(saga_node::value_of<shop::order_state>(other).error().reason == "saga_started");
}

TEST_CASE("a run keeps the version with which it began; the next one has that of the program") {
  saga_node n{spec_of<confirm_again>()};
  n.services.failing["confirm_order"] = std::vector<error>(10, error{code::unavailable, "not yet"});
  (void)n.send(confirm_many{"o17", 2}, "start", 1min);
  n.settle();
  n.spec.versions.insert(n.spec.versions.begin(), {2, saga_code_of<confirm_again>("orders.confirm", 2)});
  test::counting_random random;
  n.fail_power(random);
  (void)n.described();
  n.pass(10min);
  REQUIRE_FALSE(n.turns(2).empty());
  CHECK(from_json<saga_turned>(n.turns(1).front())->head->version == 1);
  CHECK(from_json<saga_turned>(n.turns(2).front())->head->version == 2);
  CHECK(from_json<saga_turned>(n.turns(2).back())->end->how == saga_outcome::done);
}

TEST_CASE("domain events of a saga are in its stream, with the turn that published them") {
  saga_node n{spec_of<confirm_again>()};
  auto asked = n.send(confirm_many{"o17", 2}, "start", 1min);
  n.settle();
  std::vector<std::string> found;
  for (const auto& e : n.journal.log()) found.push_back(e.stream + " " + std::to_string(e.version) + " " + e.type);
  CHECK(found == std::vector<std::string>{
                     "confirms-o17 1 saga.turned", "confirms-o17 2 saga.turned", "confirms-o17 3 orders.confirmed",
                     "confirms-o17~2 1 saga.turned", "confirms-o17~2 2 saga.turned",
                     "confirms-o17~2 3 orders.confirmed"});
}

TEST_CASE("the power fails at any step of a saga that goes on as new runs") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    bool was_cut = true;
    for (int cut = 0; was_cut; ++cut) {
      INFO("seed " << seed << ", cut " << cut);
      test::counting_random random{seed};
      saga_node n{spec_of<confirm_again>()};
      n.services.answers_lost = 1;
      std::optional<test::stepped::answer_slot<message_ptr>> asked;
      was_cut = false;
      for (int i = 0; !asked || !asked->is_there(); ++i) {
        REQUIRE(i < 20'000);
        if (i == cut) {
          n.fail_power(random);
          was_cut = true;
          asked.reset();
        }
        if (!asked) asked = n.send(confirm_many{"o17", 9}, "start", 1h);
        n.step(random);
      }
      CHECK(saga_node::value_of<shop::order_state>(*asked));
      CHECK(n.services.executed.size() == 9);
      CHECK(n.turns(9).size() == 2);
      CHECK(n.turns(10).empty());
    }
  }
}

TEST_CASE("two owners start one saga with different inputs: one of the callers is refused") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    test::counting_random random{seed};
    saga_node n{spec_of<confirm_again>()};
    auto rival = n.another();
    auto one = n.send(confirm_many{"o17", 1}, "one", 1h);
    std::swap(n.who, rival);
    auto other = n.send(confirm_many{"o17", 2}, "other", 1h);
    for (int i = 0; !one.is_there() || !other.is_there(); ++i) {
      REQUIRE(i < 20'000);
      n.step(random);
    }
    const auto a = saga_node::value_of<shop::order_state>(one), b = saga_node::value_of<shop::order_state>(other);
    CHECK(a.has_value() != b.has_value());
    CHECK((a ? b : a).error().reason == "saga_started");
    CHECK(n.services.executed.size() == (a ? 1u : 2u));
  }
}

TEST_CASE("who waits for the end of a saga is told when his time is up") {
  saga_node n{spec_of<confirm_again>()};
  n.services.failing["confirm_order"] = std::vector<error>(1000, error{code::unavailable, "down"});
  auto asked = n.send(confirm_many{"o17", 1}, "start", 5s);
  n.pass(6s);
  CHECK(saga_node::value_of<shop::order_state>(asked).error().code == code::deadline_exceeded);
  n.services.failing.clear();
  n.pass(2min);
  CHECK(n.ending().starts_with("done"));
}

TEST_CASE("a saga whose code has changed is blocked, appends nothing, and goes on when the code is back") {
  other_code = false;
  test::counting_random random;
  saga_node n{spec_of<confirm_changed>()};
  CHECK(n.order({.what = saga_command::start, .payload = nested(confirm_many{"o17", 1})}));
  const auto turns = n.turns().size();
  other_code = true;
  n.fail_power(random);
  const auto blocked = n.described().value();
  CHECK(blocked.blocked);
  CHECK(n.order({.what = saga_command::receive, .name = "stays", .payload = nested(confirmed_once{})}).error().reason ==
        "saga_blocked");
  CHECK(n.turns().size() == turns);
  other_code = false;
  CHECK(n.order({.what = saga_command::retry}));
  n.settle();
  CHECK_FALSE(n.described()->blocked);
  CHECK(n.order({.what = saga_command::receive, .name = "stays", .payload = nested(confirmed_once{})}));
  CHECK(n.ending().starts_with("done"));
}

TEST_CASE("a saga that has ended is not blocked when its code has changed") {
  other_code = false;
  test::counting_random random;
  saga_node n{spec_of<confirm_changed>()};
  CHECK(n.order({.what = saga_command::start, .payload = nested(confirm_many{"o17", 1})}));
  CHECK(n.order({.what = saga_command::cancel, .because = "not wanted"}));
  other_code = true;
  n.fail_power(random);
  const auto shown = n.described().value();
  CHECK_FALSE(shown.blocked);
  CHECK(shown.phase == "ended");
  CHECK(shown.to_undo.empty());
  other_code = false;
}

TEST_CASE("a blocked saga is aborted from its record, without its code") {
  other_code = false;
  test::counting_random random;
  saga_node n{spec_of<confirm_changed>()};
  CHECK(n.order({.what = saga_command::start, .payload = nested(confirm_many{"o17", 1})}));
  other_code = true;
  n.fail_power(random);
  CHECK(n.described()->blocked);
  CHECK(n.order({.what = saga_command::abort, .because = "the code is gone", .by = "ann"}, "abort"));
  CHECK(n.ending().starts_with("undone"));
  other_code = false;
}

TEST_CASE("a saga of a version that is not linked is blocked, asks nothing, and can be aborted") {
  test::counting_random random;
  saga_node n;
  n.services.failing["charge"] = std::vector<error>(3, error{code::unavailable, "down"});
  CHECK(n.start());
  n.spec.versions.front().version = 2;
  n.fail_power(random);
  const auto asked = n.services.asked;
  n.pass(1min);
  CHECK(n.services.asked == asked);
  CHECK(n.described()->blocked);
  n.services.failing.clear();
  CHECK(n.order({.what = saga_command::abort}, "abort"));
  n.pass(1min);
  CHECK(n.ending().starts_with("undone"));
  CHECK(n.services.executed == std::vector<std::string>{"reserve_stock", "reserve_stock", "charge", "refund",
                                                        "release_stock", "release_stock"});
}

TEST_CASE("a saga whose code throws is blocked, and goes on when it does not throw any more") {
  other_code = true;
  saga_node n{spec_of<confirm_throws>()};
  CHECK(n.order({.what = saga_command::start, .payload = nested(confirm_many{"o17", 1})}));
  n.pass(10s);
  CHECK(n.described()->blocked->find("a defect") != std::string::npos);
  CHECK(n.turns().size() == 1);
  other_code = false;
  CHECK(n.order({.what = saga_command::retry}));
  n.pass(1s);
  CHECK(n.ending().starts_with("done"));
}

TEST_CASE("an operator's retry asks an open step at once") {
  saga_node n;
  n.services.failing["charge"] = std::vector<error>(200, error{code::unavailable, "down"});
  CHECK(n.start());
  n.pass(5min);
  CHECK(n.ending() == "no end");
  n.services.failing.clear();
  CHECK(n.order({.what = saga_command::retry}));
  n.settle();
  CHECK(n.ending().starts_with("done"));
}
