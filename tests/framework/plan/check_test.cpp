#include "example.hpp"

#include <catch2/catch.hpp>

using namespace plan_example;
using namespace banyan;

TEST_CASE("a sound application has no problems") {
  for (auto& p : check(describe_shop())) FAIL_CHECK(p.where << ": " << p.sentence);
}

TEST_CASE("two patterns of one kind and name are a problem, said once") {
  auto p = service<payments_api>(answers<charge>{.name = "a"}, answers<place_order>{.name = "b"}, answers<get_order>{.name = "b"},
                                 answers<placed>{.name = "b"});
  auto problems = p.check();
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "payments.handles.b", "several handles patterns of this service have the name \"b\""));
}

TEST_CASE("the same name in two kinds is fine") {
  CHECK(service<payments_api>(answers<charge>{.name = "order"}, journalled{.journal = "orders", .name = "order"}).check().empty());
}

TEST_CASE("names that cannot stand in a path are problems") {
  for (auto name : {"a b", "a/b", "ä", "a\"b", ".a", "a.", "a\nb"}) {
    INFO(name);
    CHECK(service<payments_api>(answers<charge>{.name = name}).check().size() == 1);
  }
  CHECK(service<payments_api>(answers<charge>{.name = std::string(101, 'a')}).check().size() == 1);
  for (auto name : {"a", "stale-order-sweeper", "orders.placed", "V2_x"}) {
    INFO(name);
    CHECK(service<payments_api>(answers<charge>{.name = name}).check().empty());
  }
}

TEST_CASE("an operation that the API offers must be answered") {
  auto problems = service<orders_api>(answers<place_order>{}).check();
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "orders.get_order", "no pattern of the service answers it"));
}

TEST_CASE("an operation must be answered by one pattern only") {
  auto problems = service<payments_api>(answers<charge>{.name = "a"}, answers<charge>{.name = "b"}).check();
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "payments.charge", "handles.a and handles.b"));
}

TEST_CASE("a command that the API does not offer is internal, and fine") {
  CHECK(service<payments_api>(answers<charge>{}, answers<place_order>{}).check().empty());
}

TEST_CASE("a value in code is held to the same limits as one in a file") {
  auto problems = service<payments_api>(answers<charge>{.workers = 0}).check();
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "payments.handles.charge.workers", "expected a whole number from 1 to 1024, found \"0\" (code)"));
}

TEST_CASE("the patterns' own rules are asked, with the whole plan in view") {
  auto p = describe_payments();
  p.rule([](const plan& whole, std::vector<problem>& out) {
    out.push_back({whole.service(), std::to_string(whole.items().size()) + " items are too few"});
  });
  CHECK(mentions(p.check(), "payments", "1 items are too few"));
}

TEST_CASE("an application reports the problems of all its services at once") {
  auto problems = check(application{"shop", {service<payments_api>(), service<orders_api>()}});
  CHECK(problems.size() == 3);
  CHECK(mentions(problems, "payments.charge", "offers"));
  CHECK(mentions(problems, "orders.place_order", "offers"));
}

TEST_CASE("two services of one name are a problem") {
  CHECK(mentions(check(application{"shop", {describe_payments(), describe_payments()}}), "payments", "several services"));
}

TEST_CASE("a link must lead to a service of the application") {
  auto problems = check(application{"shop", {describe_orders()}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "orders.ambassador.payments", "its services are orders"));
}

TEST_CASE("a link that is nearly right gets a suggestion") {
  plan p{"caller"};
  p.add<call_spec>("ambassador", "payments", phase::outbound).links_to("asks", "paymets");
  CHECK(mentions(check(application{"shop", {p, describe_payments()}}), "caller.ambassador.payments", "did you mean \"payments\"?"));
}

TEST_CASE("a topic must be published by somebody") {
  plan teller{"teller"}, follower{"follower"};
  teller.add<call_spec>("publishes", "orders.placed", phase::background).links_to("publishes", "topic orders.placed");
  follower.add<call_spec>("subscribes", "one", phase::background).links_to("subscribes", "topic orders.placed");
  CHECK(check(application{"shop", {follower, teller}}).empty());
  follower.add<call_spec>("subscribes", "two", phase::background).links_to("subscribes", "topic orders.palced");
  auto problems = check(application{"shop", {follower, teller}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "follower.subscribes.two", "did you mean topic orders.placed?"));
}

TEST_CASE("services that ask each other in a ring are a problem, said once") {
  auto one = [](const std::string& name, const std::vector<std::string>& asked) {
    plan p{name};
    for (const auto& a : asked) p.add<call_spec>("ambassador", a, phase::outbound).links_to("asks", a);
    return p;
  };
  CHECK(check(application{"shop", {one("a", {"b", "c"}), one("b", {"c"}), one("c", {})}}).empty());
  auto problems = check(application{"shop", {one("a", {"b"}), one("b", {"c", "d"}), one("c", {"b"}), one("d", {})}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "b", "b -> c -> b"));
}

TEST_CASE("links that are no calls may lead anywhere") {
  CHECK(service<payments_api>(answers<charge>{}, journalled{.journal = "elsewhere"}).check().empty());
  CHECK(check(application{"shop", {service<payments_api>(answers<charge>{}, journalled{.journal = "elsewhere"})}}).empty());
}

TEST_CASE("an application without services or with an unusable name is a problem") {
  CHECK(mentions(check(application{"shop", {}}), "shop", "nothing to run"));
  CHECK(mentions(check(application{"my shop", {describe_payments()}}), "my shop", "the name of an application"));
}
