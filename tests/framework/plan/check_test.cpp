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
  CHECK(mentions(problems, "payments.handles.b", "several handles patterns of this service have the name \"b\"; keep one, or give"));
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
  p.add<call_spec>("ambassador", "payments", phase::outbound).read_by("a test").links_to("asks", "paymets");
  CHECK(mentions(check(application{"shop", {p, describe_payments()}}), "caller.ambassador.payments", "did you mean \"payments\"?"));
}

TEST_CASE("a topic must be published by somebody") {
  plan teller{"teller"}, follower{"follower"};
  teller.add<call_spec>("publishes", "orders.placed", phase::background).read_by("a test").links_to("publishes", "topic orders.placed");
  follower.add<call_spec>("subscribes", "one", phase::background).read_by("a test").links_to("subscribes", "topic orders.placed");
  CHECK(check(application{"shop", {follower, teller}}).empty());
  follower.add<call_spec>("subscribes", "two", phase::background).read_by("a test").links_to("subscribes", "topic orders.palced");
  auto problems = check(application{"shop", {follower, teller}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "follower.subscribes.two", "did you mean topic orders.placed?"));
}

namespace {

plan writer(const std::string& service, const std::string& name, const std::string& journal, const std::string& event) {
  plan p{service};
  p.add<call_spec>("event_sourced", name, phase::entity).read_by("a test").fact("event", event).links_to("writes", "journal " + journal);
  return p;
}

plan reader(const std::vector<std::string>& journals, const std::string& event) {
  plan p{"reports"};
  auto spec = p.add<call_spec>("projection", "sales", phase::background).read_by("a test");
  spec.fact("event", event);
  for (auto& j : journals) spec.links_to("reads", "journal " + j);
  return p;
}

}  // namespace

TEST_CASE("a journal that is read must be written by somebody") {
  const auto orders = writer("orders", "order", "orders", "orders.placed v2");
  CHECK(check(application{"shop", {reader({"orders"}, "orders.placed"), orders}}).empty());
  auto problems = check(application{"shop", {reader({"order"}, "orders.placed"), orders}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "reports.projection.sales", "reads journal order, which no service"));
  CHECK(mentions(problems, "reports.projection.sales", "did you mean journal orders?"));
  CHECK(mentions(check(application{"shop", {reader({"orders", "stock"}, "orders.placed"), orders}}), "reports.projection.sales", "journal stock"));
}

TEST_CASE("an event that is folded must be stored in one of the journals that are read") {
  const auto orders = writer("orders", "order", "orders", "orders.placed v2"), stock = writer("stock", "item", "stock", "stock.taken v1");
  CHECK(check(application{"shop", {orders, stock, reader({"orders", "stock"}, "stock.taken")}}).empty());
  auto problems = check(application{"shop", {orders, stock, reader({"orders"}, "stock.taken")}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "reports.projection.sales", "folds the event stock.taken, which none of the journals"));
  CHECK(mentions(check(application{"shop", {orders, reader({"orders"}, "orders.palced")}}), "reports.projection.sales",
                 "did you mean orders.placed?"));
}

TEST_CASE("every version of a folded event that is stored must be folded") {
  const auto folds = [](const std::vector<std::string>& events) {
    plan p{"reports"};
    auto spec = p.add<call_spec>("projection", "sales", phase::background).read_by("a test");
    for (const auto& e : events) spec.fact("event", e);
    spec.links_to("reads", "journal orders").links_to("reads", "journal stock");
    return p;
  };
  const auto orders = writer("orders", "order", "orders", "orders.placed v2"), stock = writer("stock", "item", "stock", "stock.taken v1");
  const auto told = [&](const std::vector<std::string>& events) { return check(application{"shop", {orders, stock, folds(events)}}); };
  CHECK(told({"orders.placed v2"}).empty());
  CHECK(told({"orders.placed v1", "orders.placed v2", "orders.placed v3"}).empty());
  CHECK(told({"stock.taken v1"}).empty());  // what is not folded at all is passed over
  CHECK(told({"orders.placed"}).empty());   // a pattern that says nothing of versions
  auto problems = told({"orders.placed v1"});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "reports.projection.sales");
  CHECK(problems[0].sentence == "folds the event orders.placed in v1, but orders.event_sourced.order stores it in v2, which would not "
                                "decode: take up v2 as well");
  problems = told({"orders.placed v1", "orders.placed v3", "stock.taken v2"});
  REQUIRE(problems.size() == 2);
  CHECK(mentions(problems, "reports.projection.sales", "in v1 and v3, but orders.event_sourced.order stores it in v2"));
  CHECK(mentions(problems, "reports.projection.sales", "in v2, but stock.event_sourced.item stores it in v1"));
}

TEST_CASE("a journal has one writer, in a service and among services") {
  auto problems = check(application{"shop", {writer("orders", "order", "orders", "a v1"), writer("returns", "return", "orders", "b v1")}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "returns.event_sourced.return", "written by orders.event_sourced.order and returns.event_sourced.return"));
  auto both = writer("orders", "order", "orders", "a v1");
  both.add<call_spec>("event_sourced", "draft", phase::entity).read_by("a test").links_to("writes", "journal orders");
  CHECK(mentions(check(application{"shop", {both}}), "orders.event_sourced.draft", "give each a journal of its own"));
}

TEST_CASE("services that ask each other in a ring are a problem, said once") {
  auto one = [](const std::string& name, const std::vector<std::string>& asked) {
    plan p{name};
    for (const auto& a : asked) p.add<call_spec>("ambassador", a, phase::outbound).read_by("a test").links_to("asks", a);
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

TEST_CASE("a request that two services answer is a problem, told with all who do") {
  const auto orders =
      service<orders_api>(answers<place_order>{}, answers<get_order>{}, answers<charge>{.name = "again"});
  auto problems = check(application{"shop", {describe_payments(), orders}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "orders.handles.again",
                 "payments.charge is answered more than once, by payments.handles.charge and orders.handles.again"));
  // One that no API offers is found within a service, too.
  auto payments = service<payments_api>(answers<charge>{}, answers<placed>{.name = "a"}, answers<placed>{.name = "b"});
  problems = check(application{"shop", {payments}});
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "payments.handles.b",
                 "placed is answered more than once, by payments.handles.a and payments.handles.b; keep one"));
  payments = service<payments_api>(answers<charge>{.name = "a"}, answers<charge>{.name = "b"});
  CHECK(check(application{"shop", {payments}}).size() == 1);
}

TEST_CASE("a service and an application without a name have a place all the same") {
  CHECK(mentions(plan{""}.check(), "a service without a name", "the name of a service"));
  CHECK(mentions(check(application{"", {describe_payments()}}), "the application", "the name of an application"));
}

TEST_CASE("a link that ends at an option follows it") {
  auto p = reader({"orders"}, "a");
  plan w{"orders"};
  auto spec = w.add<journal_spec>("event_sourced", "order", phase::entity).read_by("a test");
  spec->journal = "orders";
  spec.option("journal", spec->journal).fact("event", "a v1").links_to("writes", "journal ", spec->journal);
  application whole{"shop", {p, w}};
  CHECK(check(whole).empty());
  REQUIRE(find_option(whole, "orders.order.journal")->set("elsewhere", "shop.toml:1"));
  auto problems = check(whole);
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems, "reports.projection.sales", "reads journal orders, which no service"));
}

TEST_CASE("a pattern that nobody installs is told: it would pass every check and run nothing") {
  plan p{"keeper"};
  p.add<call_spec>("nightly", "cleanup", phase::background);
  auto problems = check(application{"shop", {p}});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "keeper.nightly.cleanup");
  CHECK(problems[0].sentence.find("is declared, but nothing runs it") == 0);
}

TEST_CASE("what one pattern needs, another one gives, in its service or anywhere; what only one may give is told with both") {
  plan one{"one"}, other{"other"};
  one.add<call_spec>("builds", "a", phase::entity).read_by("a test").gives("view sales", "builds it as {} does");
  other.add<call_spec>("reads", "b", phase::entity).read_by("a test").needs("view sales", "nobody builds it");
  CHECK(check(application{"shop", {one, other}}).empty());
  auto problems = check(application{"shop", {other}});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "other.reads.b");
  CHECK(problems[0].sentence == "nobody builds it");
  other.add<call_spec>("builds", "c", phase::entity).read_by("a test").gives("view sales", "builds it as {} does");
  problems = check(application{"shop", {one, other}});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "other.builds.c");
  CHECK(problems[0].sentence == "builds it as one.builds.a does");
  other.add<call_spec>("places", "d", phase::entity).read_by("a test").needs("place", "nobody places it here", plan_claim::scope_type::service);
  one.add<call_spec>("places", "e", phase::entity).read_by("a test").gives("place", "", plan_claim::scope_type::service);
  CHECK(check(application{"shop", {one, other}}).size() == 2);
}
