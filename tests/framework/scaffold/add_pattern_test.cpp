// One more pattern of a service, from the real template.
#include <tests/framework/scaffold/under_test.hpp>

#include <banyan/scaffold/add_pattern.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace banyan::scaffold;

namespace {

// An application with a service to ask, and "orders" with these patterns.
project shop_with(std::string_view patterns, bool http = true) {
  auto shop = written(new_application(from(), "shop").value());
  for (const auto& wanted : {service("people", "", http), service("orders", patterns, http)})
    shop = written(new_service_inside(from(), wanted, record_of(shop), reader_of(shop)).value(), shop);
  return shop;
}

result<addition> add(const project& p, std::string_view patterns) {
  return add_patterns(from(), patterns, "orders", record_of(p), reader_of(p));
}

std::ptrdiff_t count(const addition& a, wired what) {
  return std::count_if(a.pieces.begin(), a.pieces.end(), [&](const auto& p) { return p.what == what; });
}

std::string to_paste(const addition& a, const std::string& path) {
  std::string all;
  for (const auto& p : a.pieces)
    if (p.what == wired::no_place && p.path == path) all += p.lines;
  return all;
}

}  // namespace

TEST_CASE("patterns that are added one by one make what all at once make, and a second time changes nothing") {
  const std::vector<std::vector<std::string>> orders{{"event_sourcing", "cqrs", "pub_sub", "ambassador:people"},
                                                     {"ambassador:people", "pub_sub", "cqrs"},
                                                     {"cqrs", "ambassador:people", "circuit_breaker"},
                                                     {"ambassador:people", "circuit_breaker", "pub_sub"},
                                                     {"saga", "cqrs", "ambassador:people", "pub_sub"},
                                                     {"event_sourcing", "pub_sub", "ambassador:people", "saga"},
                                                     {"pub-sub"}};
  for (const bool http : {false, true})
    for (const auto& order : orders) {
      auto shop = shop_with("", http);
      std::string all;
      for (const auto& pattern : order) {
        CAPTURE(http, pattern, all);
        all += (all.empty() ? "" : ",") + pattern;
        const auto added = add(shop, pattern).value();
        CHECK(count(added, wired::no_place) == 0);
        shop = written(added.made, std::move(shop));
        CHECK(shop == shop_with(all, http));
        const auto again = add(shop, pattern).value();
        CHECK(again.made.created.empty());
        CHECK(again.made.changed.empty());
        CHECK(count(again, wired::already_there) == std::ptrdiff_t(again.pieces.size()));
        CHECK(again.pieces.size() > 1);
      }
    }
}

TEST_CASE("implied patterns are told") {
  CHECK(add(shop_with(""), "cqrs").value().implied == std::vector<std::string>{"event_sourcing", "sharding"});
  CHECK(add(shop_with("event_sourcing"), "cqrs").value().implied.empty());
  CHECK(add(shop_with(""), "saga").value().implied == std::vector<std::string>{"event_sourcing", "sharding"});
  CHECK(add(shop_with("ambassador:people"), "circuit_breaker").value().implied.empty());
  CHECK(add(shop_with(""), "circuit_breaker,ambassador:people").value().implied.empty());
}

TEST_CASE("a breaker goes into the link that is there, however that was edited") {
  auto shop = shop_with("ambassador:people");
  replace(shop["services/orders/service.cpp"], ".deadline = 2s", ".deadline = 900ms");
  const auto added = add(shop, "circuit_breaker").value();
  CHECK(count(added, wired::no_place) == 0);
  const auto service = written(added.made, shop).at("services/orders/service.cpp");
  CHECK(has(service, ".deadline = 900ms,"));
  CHECK(has(service, ".breaker = banyan::circuit_breaker{"));
}

TEST_CASE("a saga is added beside an aggregate that was edited, and its files are made") {
  auto shop = shop_with("event_sourcing");
  replace(shop["services/orders/service.cpp"], ".passivate_after = 1min", ".passivate_after = 2min");
  shop["services/orders/order.cpp"] = "// rewritten\n";
  const auto added = add(shop, "saga").value();
  CHECK(count(added, wired::no_place) == 0);
  const auto after = written(added.made, shop);
  CHECK(after.at("services/orders/order.cpp") == "// rewritten\n");
  const auto& service = after.at("services/orders/service.cpp");
  CHECK(has(service, ".passivate_after = 2min"));
  CHECK(has(service, "banyan::saga<arrange>{.name = \"orders.arrange\", .version = 1, .id = saga_of},"));
  CHECK(has(after.at("services/orders/api.hpp"), "banyan::op<arrange_order, banyan::idempotent::by_key>,"));
  CHECK(has(after.at("shop.toml"), "# [orders.saga.orders.arrange]\n"));
  for (const auto* file : {"services/orders/order_arrangement.cpp", "services/orders/order_arrangement.hpp",
                           "tests/services/orders/order_arrangement_test.cpp"})
    CHECK(after.contains(file));
}

TEST_CASE("edits stay, and a piece that has no place is to be pasted, once") {
  auto shop = shop_with("event_sourcing");
  auto& service_file = shop["services/orders/service.cpp"];
  replace(service_file, ".shards = 64", ".shards = 128");
  auto& api = shop["services/orders/api.hpp"];
  api = "// rewritten\n";
  shop["services/orders/order_list.cpp"] = "// mine\n";
  shop.erase("README.md");
  const auto added = add(shop, "cqrs").value();
  CHECK(has(to_paste(added, "services/orders/api.hpp"), "struct get_order {"));
  CHECK(has(to_paste(added, "README.md"), "order_list.cpp"));
  const auto after = written(added.made, shop);
  CHECK(has(after.at("services/orders/service.cpp"), ".shards = 128"));
  CHECK(has(after.at("services/orders/service.cpp"), "banyan::projection<order_list>{.of = \"orders\"},"));
  CHECK(after.at("services/orders/api.hpp") == "// rewritten\n");
  CHECK(after.at("services/orders/order_list.cpp") == "// mine\n");
  CHECK_FALSE(after.contains("README.md"));

  auto again = add(after, "cqrs").value();
  CHECK(again.made.created.empty());
  CHECK(again.made.changed.empty());
  CHECK(count(again, wired::no_place) == count(added, wired::no_place));
  auto pasted = after;
  pasted["services/orders/api.hpp"] += to_paste(added, "services/orders/api.hpp");
  CHECK(to_paste(add(pasted, "cqrs").value(), "services/orders/api.hpp").empty());
}

TEST_CASE("a file of the pattern that was deleted is made again") {
  auto shop = shop_with("cqrs");
  const auto whole = shop;
  shop.erase("services/orders/order_list.hpp");
  CHECK(written(add(shop, "cqrs").value().made, shop) == whole);
}

TEST_CASE("what can not be added is refused") {
  const auto shop = shop_with("ambassador:people");
  CHECK(has(refusal(add(shop, "pubsub")), "did you mean pub_sub?"));
  CHECK(has(refusal(add(shop, "")), "No pattern"));
  CHECK(has(refusal(add(shop, "ambassador:stock")), "has an ambassador to people"));
  CHECK(add(shop, "ambassador"));
  CHECK(has(refusal(add(shop_with(""), "ambassador")), "one of: people."));
  CHECK(has(refusal(add(shop_with(""), "circuit_breaker")), "one of: people."));
  CHECK(has(refusal(add(shop_with(""), "ambassador:orders")), "another service than its own"));
  CHECK(has(refusal(add(shop_with(""), "ambassador:stock")), "no service \"stock\""));
  const auto other = [&](const std::string& name) {
    return refusal(add_patterns(from(), "cqrs", name, record_of(shop), reader_of(shop)));
  };
  CHECK(has(other("order"), "no service \"order\"; did you mean orders?"));
  CHECK(has(other("lamps"), "its services are: people, orders."));
  auto older = record_of(shop);
  older.services.back().template_version = 0;
  CHECK(has(refusal(add_patterns(from(), "cqrs", "orders", older, reader_of(shop))), "`banyan upgrade` comes first"));
}
