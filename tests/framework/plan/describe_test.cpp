#include "example.hpp"

#include <banyan/core/json.hpp>

#include <catch2/catch.hpp>

using namespace plan_example;
using namespace banyan;

TEST_CASE("the text form is a tree with aligned values and origins") {
  auto app = describe_shop();
  REQUIRE(find_option(app, "orders.order.snapshot_every")->set("50", "shop.toml:12"));
  CHECK(describe(app, describe_form::text) == R"(shop
├─ orders
│  ├─ offers
│  │     place_order     handles.place_order  idempotent never
│  │     get_order       handles.get_order    idempotent always
│  ├─ handles place_order
│  │     workers         2                    default
│  ├─ handles get_order
│  │     workers         2                    default
│  ├─ event_sourced order
│  │     journal         "orders"             code
│  │     snapshot_every  50                   shop.toml:12
│  │     event           orders.placed v1, orders.cancelled v2
│  │     command         place_order
│  │     writes          journal orders
│  └─ ambassador payments
│        deadline        800ms                code
│        retry.attempts  3                    default
│        asks            payments
└─ payments
   ├─ offers
   │     charge          handles.charge       idempotent by_key
   └─ handles charge
         workers         2                    default
)");
}

TEST_CASE("a long list is broken into lines that stay below each other") {
  plan p{"s"};
  auto place = p.add<journal_spec>("event_sourced", "x", phase::entity).read_by("a test");
  for (int i = 0; i < 12; ++i) place.fact("event", "orders.something_happened_" + std::to_string(i));
  auto text = describe(application{"app", {p}}, describe_form::text);
  std::size_t longest = 0;
  for (std::size_t from = 0, to; (to = text.find('\n', from)) != text.npos; from = to + 1) longest = std::max(longest, to - from);
  CHECK(longest < 120);
  CHECK(text.find("orders.something_happened_11") != text.npos);
}

TEST_CASE("an operation that nobody answers is shown as such") {
  auto text = describe(application{"app", {service<payments_api>()}}, describe_form::text);
  CHECK(text.find("charge  nobody") != text.npos);
}

TEST_CASE("the JSON form has everything that a dashboard draws") {
  auto document = parse_json(describe(describe_shop(), describe_form::json));
  REQUIRE(document);
  auto& root = document->as_object();
  CHECK(root.at("schema").as_int64() == 1);
  CHECK(root.at("application").as_string() == "shop");
  auto& orders = root.at("services").as_array().at(0).as_object();
  CHECK(orders.at("name").as_string() == "orders");
  CHECK(orders.at("operations").as_array().at(0) == boost::json::value({{"name", "orders.place_order"},
                                                                        {"request", "plan_example::place_order"},
                                                                        {"reply", "plan_example::placed"},
                                                                        {"idempotent", "never"},
                                                                        {"answered_by", boost::json::array{"handles.place_order"}}}));
  auto& ambassador = orders.at("items").as_array().at(3).as_object();
  CHECK(ambassador.at("phase").as_string() == "outbound");
  CHECK(ambassador.at("links") == boost::json::value(boost::json::array{{{"verb", "asks"}, {"target", "payments"}}}));
  auto& deadline = ambassador.at("options").as_array().at(0);
  CHECK(deadline == boost::json::value({{"path", "orders.ambassador.payments.deadline"},
                                        {"name", "deadline"},
                                        {"type", "duration"},
                                        {"value", "800ms"},
                                        {"origin", "code"},
                                        {"expects", "a time span such as 800ms, 1.5s or 10min from 1ms to 1d"},
                                        {"dynamic", false}}));
}

TEST_CASE("in the picture services are boxes, and calls lead to what is offered") {
  auto dot = describe(describe_shop(), describe_form::dot);
  CHECK(dot.find("subgraph \"cluster_orders\"") != dot.npos);
  CHECK(dot.find("\"orders.ambassador.payments\" -> \"payments.api\" [label=\"asks\", lhead=\"cluster_payments\"]") != dot.npos);
  CHECK(dot.find("\"journal orders\" [shape=cylinder") != dot.npos);
  CHECK(dot.find("\"orders.event_sourced.order\" -> \"journal orders\" [label=\"writes\"]") != dot.npos);
}

TEST_CASE("what is read points at its reader") {
  plan p{"s"};
  p.add<journal_spec>("projection", "sales", phase::background).read_by("a test").links_to("reads", "journal orders").links_to("subscribes", "topic a");
  auto dot = describe(application{"app", {p}}, describe_form::dot);
  CHECK(dot.find("\"journal orders\" -> \"s.projection.sales\" [label=\"reads\"]") != dot.npos);
  CHECK(dot.find("\"topic a\" -> \"s.projection.sales\" [label=\"subscribes\"]") != dot.npos);
}

TEST_CASE("no name can break out of its quotes in the picture") {
  plan p{"s"};
  p.add<journal_spec>("k", "a\"]; evil [\"", phase::entity).links_to("asks", "x\\");
  auto dot = describe(application{"app", {p}}, describe_form::dot);
  CHECK(dot.find("\"k\\na\\\"]; evil [\\\"\"") != dot.npos);
  CHECK(dot.find("\"x\\\\\" [shape=ellipse") != dot.npos);
}

TEST_CASE("an empty application is described without complaint") {
  application nothing{"nothing", {}};
  CHECK(describe(nothing, describe_form::text) == "nothing\n");
  CHECK(parse_json(describe(nothing, describe_form::json)));
}
