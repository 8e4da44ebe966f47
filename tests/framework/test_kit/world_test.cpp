#include <banyan/test_kit/given_when_then.hpp>
#include <banyan/test_kit/world.hpp>

#include <tests/framework/runtime/the_catalog.hpp>

#include <services/catalog/api.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;
using shop::catalog::product;
using test_kit::world;

TEST_CASE("a world answers requests, and reads replies as structs") {
  world catalog{test::the_catalog()};
  REQUIRE(catalog.send("PUT", "/products/A1", test::lantern).status == 200);
  catalog.settle();
  CHECK(catalog.read<product>("/products/A1")->name == "lantern");
  CHECK(catalog.read<product>("/products/A2").error().code == code::not_found);
}

TEST_CASE("a world passes through minutes of faults at once") {
  world catalog{test::the_catalog(), {.seed = 7}};
  catalog.simulation.fail_syncs(3);
  REQUIRE(catalog.send("PUT", "/products/A1", test::lantern).status != 200);
  catalog.settle();
  REQUIRE(catalog.send("PUT", "/products/A1", test::lantern).status == 200);
  catalog.simulation.crash();
  catalog.settle();
  CHECK(catalog.read<product>("/products/A1")->price.minor == 255);
}

TEST_CASE("a request to a node that crashes meanwhile throws, and a world that does not come to rest says so") {
  world catalog{test::the_catalog()};
  catalog.simulation.after(0s, [&] { catalog.simulation.crash(); });
  CHECK_THROWS_AS(catalog.send("PUT", "/products/A1", test::lantern), result_error);
  catalog.simulation.after(1h, [] {});
  for (auto at = 0ms; at < 30s; at += 500ms) catalog.simulation.after(at, [] {});
  CHECK_THROWS_AS(catalog.settle(10s), test_kit::expectation_failed);
}
