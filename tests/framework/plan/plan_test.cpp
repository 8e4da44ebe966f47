#include "example.hpp"

#include <catch2/catch.hpp>

using namespace plan_example;
using namespace banyan;

TEST_CASE("the items of a plan are ordered by phase, whatever the order of the patterns") {
  auto p = service<orders_api>(calls<payments_api>{}, journalled{.journal = "orders"}, answers<get_order>{}, answers<place_order>{});
  std::vector<std::string> names;
  for (auto& item : p.items()) names.push_back(item->kind() + "." + item->name());
  CHECK(names == std::vector<std::string>{"handles.get_order", "handles.place_order", "event_sourced.order", "ambassador.payments"});
}

TEST_CASE("a plan that is declared again has the values in code, and options of its own") {
  auto app = describe_shop();
  REQUIRE(find_option(app, "orders.ambassador.payments.deadline")->set("500ms", "test"));
  auto again = declare_again(app).value();
  CHECK(again.name == app.name);
  CHECK(find_option(again, "orders.ambassador.payments.deadline")->value() == "800ms");
  REQUIRE(find_option(again, "orders.ambassador.payments.deadline")->set("2s", "test"));
  CHECK(app.services[0].all<call_spec>()[0].second->deadline == timespan{500ms});
  CHECK(declare_again(application{"app", {plan{"alone"}}}).error().code == code::unimplemented);
}

TEST_CASE("the runtime finds specs by their type") {
  auto p = describe_orders();
  auto found = p.all<call_spec>();
  REQUIRE(found.size() == 1);
  CHECK(found[0].first->name() == "payments");
  CHECK(found[0].second->deadline == timespan{800ms});
  CHECK(p.all<answers_spec<charge>>().empty());
}

TEST_CASE("an option of a plan changes the spec that the runtime reads") {
  auto app = describe_shop();
  REQUIRE(find_option(app, "orders.ambassador.payments.deadline")->set("500ms", "test"));
  CHECK(app.services[0].all<call_spec>()[0].second->deadline == timespan{500ms});
}

TEST_CASE("an option that has its default's value says so, whoever wrote it, until it is set") {
  auto app = application{"shop",
                         {service<orders_api>(calls<payments_api>{.deadline = 800ms}, journalled{.journal = "orders"},
                                              answers<place_order>{.workers = 2}, answers<get_order>{.workers = 3})}};
  auto origin = [&](const char* path) { return find_option(app, path)->origin(); };
  CHECK(origin("orders.ambassador.payments.deadline") == "code");
  CHECK(origin("orders.ambassador.payments.retry.attempts") == "default");
  CHECK(origin("orders.handles.place_order.workers") == "default");
  CHECK(origin("orders.handles.get_order.workers") == "code");
  CHECK(origin("orders.event_sourced.order.journal") == "code");  // it has no default
  REQUIRE(find_option(app, "orders.handles.place_order.workers")->set("2", "shop.toml:1"));
  CHECK(origin("orders.handles.place_order.workers") == "shop.toml:1");
}

TEST_CASE("a service offers the operations of its API, and knows who answers them") {
  auto p = describe_orders();
  REQUIRE(p.operations().size() == 2);
  CHECK(p.operations()[0].name == "orders.place_order");
  CHECK(p.operations()[0].reply == type_of<placed>());
  CHECK(p.operations()[1].how == idempotent::always);
  CHECK(p.implementers(type_of<place_order>()) == std::vector<std::string>{"handles.place_order"});
  CHECK(p.implementers(type_of<charge>()).empty());
}

TEST_CASE("plans travel in braced lists, sharing what they hold") {
  application app{"shop", {describe_orders()}};
  plan copy = app.services[0];
  CHECK(copy.all<call_spec>()[0].second == app.services[0].all<call_spec>()[0].second);
}

TEST_CASE("phases and idempotency have names") {
  CHECK(to_string(phase::edge) == "edge");
  CHECK(to_string(phase::supervision) == "supervision");
  CHECK(to_string(idempotent::by_key) == "by_key");
}
