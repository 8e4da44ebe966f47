// The declarations of sagas in a plan: what they add to it, and the mistakes that `check` finds.
#include "checkout.hpp"

#include <banyan/plan/service.hpp>
#include <banyan/saga/hears.hpp>
#include <banyan/saga/saga.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace banyan;
using namespace std::chrono_literals;
using saga_tests_context = saga_context<shop::orders_api>;

struct checkout_request {
  using reply = shop::order_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(checkout_request, (), (id))
struct order_was_placed {
  static constexpr stored_as stored{"orders.placed", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(order_was_placed, (), (id))
struct order_was_approved {
  static constexpr stored_as stored{"orders.approved", 1};
  std::string order;
};
BOOST_DESCRIBE_STRUCT(order_was_approved, (), (order))
struct nothing_special {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(nothing_special, (), (id))

durable<result<shop::order_state>> by_request(saga_tests_context ctx, const checkout_request& m) {
  co_return co_await ctx.ask<shop::orders_api, shop::confirm_order>(m.id);
}
durable<result<shop::order_state>> by_event(saga_tests_context ctx, const order_was_placed& m) {
  auto approved = co_await ctx.event<order_was_approved>("approval");
  if (!approved) co_return approved.error();
  co_return co_await ctx.ask<shop::orders_api, shop::confirm_order>(m.id);
}
durable<result<shop::order_state>> by_nothing(saga_tests_context ctx, const nothing_special& m) {
  co_return co_await ctx.ask<shop::orders_api, shop::confirm_order>(m.id);
}
std::string id_of_request(const checkout_request& m) { return m.id; }
std::string id_of_event(const order_was_placed& m) { return m.id; }
std::string order_of(const order_was_approved& m) { return m.order; }
std::string id_of_nothing(const nothing_special& m) { return m.id; }

// The example of the headers.
struct payment_approved {
  static constexpr stored_as stored{"payments.approved", 1};
  std::string order;
  bool approved = false;
};
BOOST_DESCRIBE_STRUCT(payment_approved, (), (order, approved))
durable<result<shop::order_state>> check_out(saga_tests_context ctx, const order_was_placed& m) {
  auto approval = co_await ctx.event<payment_approved>("approval");
  if (!approval) co_return approval.error();
  co_return co_await ctx.ask<shop::orders_api, shop::confirm_order>(m.id);
}
std::string order_id_of(const order_was_placed& m) { return m.id; }
std::string order_of_approval(const payment_approved& m) { return m.order; }

template <class A, class B>
std::vector<problem> problems_of_both(const A& a, const B& b) {
  plan p{"orders"};
  a.contribute(p);
  b.contribute(p);
  return p.check();
}

template <class... Patterns>
std::vector<problem> problems_of(const Patterns&... patterns) {
  plan p{"orders"};
  (patterns.contribute(p), ...);
  return p.check();
}
bool has(const std::vector<problem>& all, const std::string& part) {
  for (const auto& p : all)
    if (p.sentence.find(part) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("a saga that an operation starts implements it, and its options can be configured") {
  plan p{"orders"};
  saga<by_request>{.name = "orders.checkout", .id = id_of_request, .give_up_after = 24h}.contribute(p);
  CHECK(p.implementers(type_of<checkout_request>()) == std::vector<std::string>{"saga.orders.checkout"});
  application app{"shop", {p}};
  CHECK(find_option(app, "orders.saga.orders.checkout.give_up_after")->value() == "1d");
  CHECK(find_option(app, "orders.saga.orders.checkout.passivate_after")->value() == "30s");
  for (const auto& wrong : p.check()) FAIL_CHECK(wrong.where << ": " << wrong.sentence);
}

TEST_CASE("a saga that an event starts subscribes to its topic, and hears of others") {
  plan p{"orders"};
  saga<by_event>{.name = "orders.checkout", .starts_on = "orders.placed", .id = id_of_event}.contribute(p);
  hears<by_event, order_was_approved>{.topic = "orders.approved", .saga = order_of, .event = "approval"}.contribute(p);
  std::vector<std::string> topics;
  for (const auto& [item, s] : p.all<subscription_spec>()) topics.push_back(s->topic + " " + s->group);
  CHECK(topics == std::vector<std::string>{"orders.placed orders.checkout", "orders.approved orders.approval"});
  CHECK(p.check().empty());
}

TEST_CASE("a saga is declared with all that it hears of") {
  // clang-format off
  const auto found = problems_of_both(
      saga<check_out>{.name = "orders.checkout",
                      .version = 1,
                      .starts_on = "orders.placed",
                      .id = order_id_of,
                      .give_up_after = 24h},
      hears<check_out, payment_approved>{.topic = "payments.approved", .saga = order_of_approval, .event = "approval"}
  );
  // clang-format on
  CHECK(found.empty());
}

TEST_CASE("limits and verification are options of the saga") {
  plan p{"orders"};
  saga<by_request>{.name = "orders.checkout", .id = id_of_request, .verify = saga_verify::sampled(0.5)}.contribute(p);
  std::map<std::string, std::string> options;
  for (const auto& item : p.items())
    for (auto& o : item->options())
      if (item->kind() == "saga") {
        options[o.name()] = o.value();
        if (o.name() == "max_bytes") CHECK(o.set("2048", "a test"));
      }
  for (const auto& [item, spec] : p.all<saga_spec>()) CHECK(spec->limits.bytes == 2048);
  const std::map<std::string, std::string> limits{
      {"max_turns", "10000"}, {"max_bytes", "8388608"},   {"max_payload", "65536"}, {"max_requests_per_turn", "1000"},
      {"max_outstanding", "256"}, {"max_timers", "64"}, {"max_unread", "1000"}, {"max_undo", "1000"},
      {"max_depth", "16"}, {"verify", "0.5"}};
  for (const auto& [name, value] : limits) {
    CAPTURE(name);
    CHECK(options[name] == value);
  }
}

TEST_CASE("mistakes in the declaration of a saga") {
  CHECK(has(problems_of(saga<by_nothing>{.name = "orders.checkout", .id = id_of_nothing}), "nothing starts it"));
  CHECK(has(problems_of(saga<by_nothing>{.name = "orders.checkout", .starts_on = "orders.placed", .id = id_of_nothing}),
            "its input is no stored event"));
  CHECK(has(problems_of(saga<by_request>{.name = "check-out", .id = id_of_request}), "no name of a journal"));
  CHECK(has(problems_of(saga<by_request>{
                .name = "orders.checkout", .id = id_of_request, .earlier = {earlier_saga<by_request>(1)}}),
            "version 1 is there twice"));
  CHECK(has(problems_of(saga<by_request>{
                .name = "orders.checkout", .id = id_of_request, .earlier = {earlier_saga<by_request>(2)}}),
            "version 2 is not earlier than version 1"));
}

TEST_CASE("an operation that starts a saga is one that may be asked again") {
  const auto declared = saga<by_request>{.name = "orders.checkout", .id = id_of_request};
  plan careless{"orders"};
  careless.offers(describe_operation<checkout_request>("orders", idempotent::never));
  declared.contribute(careless);
  CHECK(has(careless.check(), "declare it op<..., idempotent::by_key>"));
  plan careful{"orders"};
  careful.offers(describe_operation<checkout_request>("orders", idempotent::by_key));
  declared.contribute(careful);
  CHECK(careful.check().empty());
}

TEST_CASE("two sagas of one name, or of one function, are a mistake") {
  const auto problems = [](auto a, auto b) {
    plan p{"orders"};
    a.contribute(p);
    b.contribute(p);
    return check(application{"shop", {p}});
  };
  CHECK(has(problems(saga<by_request>{.name = "orders.checkout", .id = id_of_request},
                     saga<by_event>{.name = "orders.checkout", .starts_on = "orders.placed", .id = id_of_event}),
            "is declared by"));
  CHECK(has(problems(saga<by_request>{.name = "one", .id = id_of_request},
                     saga<by_request>{.name = "two", .id = id_of_request}),
            "declares a saga of the same function"));
}

TEST_CASE("an event that a saga publishes can be published on a topic") {
  const auto problems = [](std::vector<stored_as> publishes) {
    plan p{"orders"};
    saga<by_request>{.name = "orders.checkout", .id = id_of_request, .publishes = std::move(publishes)}.contribute(p);
    banyan::publishes<order_was_approved>{.topic = "orders.approved"}.contribute(p);
    return check(application{"shop", {p}});
  };
  CHECK(has(problems({}), "which no aggregate of orders stores"));
  CHECK_FALSE(has(problems({order_was_approved::stored}), "which no aggregate of orders stores"));
}

TEST_CASE("who hears for a saga that is not there is told so") {
  plan p{"orders"};
  hears<by_event, order_was_approved>{.topic = "orders.approved", .saga = order_of, .event = "approval"}.contribute(p);
  CHECK(has(check(application{"shop", {p}}), "a saga that this service does not have"));
}
