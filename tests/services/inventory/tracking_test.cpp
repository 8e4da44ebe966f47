// What the catalog's news of a product makes the inventory do.
#include <services/inventory/service.hpp>
#include <services/inventory/tracking.hpp>

#include <banyan/test_kit/subscription_of.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::inventory;
using shop::catalog::product_put;

namespace {

const auto tracking = test_kit::subscription_of<track_product>{describe()}.given<track_sku>(stock_level{"A1", 0});

}  // namespace

TEST_CASE("a product that is stocked is tracked, and one that is not concerns no stock") {
  tracking.when(product_put{"A1", "lantern", {255, "GBP"}, true}).then_handled().then_asked(track_sku{"A1"});
  tracking.when(product_put{"POST", "postage", {500, "GBP"}, false}).then_handled().then_asked();
}

TEST_CASE("a product that can not be tracked for now is tracked later") {
  const auto later = tracking.given<track_sku>(error{code::unavailable, "not now"}, stock_level{"A1", 0});
  later.when(product_put{"A1", "lantern", {255, "GBP"}, true})
      .then_handled()
      .then_attempts(2)
      .then_asked(track_sku{"A1"}, track_sku{"A1"});
}
