// Every option of the shop's plan and of a node can be set, by its path, to another value than it has; tests/framework/runtime/options_are_read
// looks for who reads them.
#include <services/cart/service.hpp>
#include <services/catalog/service.hpp>
#include <services/customers/service.hpp>
#include <services/gateway/service.hpp>
#include <services/inventory/service.hpp>
#include <services/orders/service.hpp>
#include <services/payments/service.hpp>

#include <banyan/runtime/configuration.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

// Values that an option may take; one of them is another than it has.
std::vector<std::string> candidates(const option& o) {
  switch (o.what()) {
    case option::kind::boolean:
      return {"true", "false"};
    case option::kind::integer:
      return {"7", "8", "7000000"};
    case option::kind::number:
      return {"0.25", "0.5"};
    case option::kind::duration:
      return {"7s", "8s", "7min", "7us"};
    case option::kind::text:
      return {"now",
              "start",
              "other",
              "warning",
              "json",
              "127.0.0.1:7",
              "sqlite:other.db",
              "https://shop.example",
              "a-token-of-twenty-two",
              "wanted",
              "name=value",
              "always_on",
              "always_off"};
  }
  return {};
}

void change(option& o, const std::string& path) {
  CAPTURE(path, o.expects());
  for (const auto& value : candidates(o)) {
    if (value == o.value() || !o.try_set(value)) continue;
    const auto changed = o.set(value, "test");
    CHECK(changed);
    CHECK(o.value() == value);
    CHECK(o.origin() == "test");
    return;
  }
  FAIL("no other value was found for " << path);
}

}  // namespace

TEST_CASE("each option of each pattern takes another value, by its path") {
  using namespace shop;
  application app{"shop",
                  {gateway::describe({}), cart::describe(), catalog::describe(), inventory::describe(),
                   orders::describe(), payments::describe(), customers::describe()}};
  int changed = 0;
  for (auto& p : app.services)
    for (auto& item : p.items())
      for (auto& o : item->options()) {
        const auto path = option_path(p, *item, o);
        auto* found = find_option(app, path);
        REQUIRE(found == &o);
        change(*found, path);
        ++changed;
      }
  CHECK(changed > 40);
}

TEST_CASE("each setting of a node takes another value") {
  auto settings = default_settings("shop");
  for (auto& o : options_of(settings)) change(o, o.name());
}
