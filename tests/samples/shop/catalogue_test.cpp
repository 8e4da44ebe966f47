#include <shop/catalogue.hpp>

#include "fake_shop.hpp"

#include <catch2/catch.hpp>

#include <fstream>

namespace {

std::string own_catalogue() {
  std::ifstream in{SHOP_CATALOGUE};
  REQUIRE(in);
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string one(const std::string& product) { return R"({"products":[)" + product + "]}"; }

}  // namespace

TEST_CASE("the shop's own catalogue is well formed") {
  auto goods = shop::read_catalogue(own_catalogue());
  REQUIRE(goods.has_value());
  CHECK(goods->products.size() >= 60);
}

TEST_CASE("a wrong catalogue is refused with the place") {
  CHECK(shop::read_catalogue(one(R"({"sku":"A","name":"a","price":{"minor":1,"currency":"GBP"},"stocked":true,"opening":1})")).has_value());
  CHECK(shop::read_catalogue(one(R"({"sku":"A","name":"a","price":{"minor":0,"currency":"GBP"},"stocked":true,"opening":1})"))
            .error()
            .field == "products[0].price");
  CHECK(
      shop::read_catalogue(one(R"({"sku":"A","name":"","price":{"minor":1,"currency":"GBP"},"stocked":true,"opening":1})")).error().field ==
      "products[0].name");
  CHECK(shop::read_catalogue(one(R"({"sku":"A","name":"a","price":{"minor":1,"currency":"GBP"},"stocked":false,"opening":1})"))
            .error()
            .field == "products[0].opening");
  CHECK_FALSE(shop::read_catalogue("[]").has_value());
}

TEST_CASE("the shelves are stocked once, however often") {
  shop_test::fake_shop shop;
  auto goods = shop::read_catalogue(own_catalogue()).value();
  auto api = shop::shop_api::at("http://127.0.0.1:8080").value();
  shop::exchange exchange{shop.transport(), banyan::system_clock(), banyan::system_random()};
  shop::stop_flag stop{false};
  REQUIRE(shop::stock_shelves(goods, api, exchange, stop).has_value());
  auto first = shop.on_hand;
  REQUIRE(shop::stock_shelves(goods, api, exchange, stop).has_value());
  CHECK(shop.on_hand == first);
  CHECK(shop.prices.size() == goods.products.size());
}

TEST_CASE("a refusal is handed on, and an answer that no shop gives is one") {
  shop_test::fake_shop shop;
  shop.fault = [](const auto&) { return banyan::result<banyan::http_response>{banyan::http_response::text("no", 400)}; };
  auto goods = shop::read_catalogue(own_catalogue()).value();
  auto api = shop::shop_api::at("http://127.0.0.1:8080").value();
  shop::exchange exchange{shop.transport(), banyan::system_clock(), banyan::system_random()};
  shop::stop_flag stop{false};
  CHECK(shop::stock_shelves(goods, api, exchange, stop).error().code == banyan::code::invalid_argument);
  shop.fault = shop_test::not_a_shop;
  const auto other = shop::stock_shelves(goods, api, exchange, stop);
  CHECK(shop::is_no_shop(other.error()));
  shop.fault = [](const banyan::http_request& r) { return r.method == "POST" ? shop_test::not_a_shop(r) : std::nullopt; };
  CHECK(shop::is_no_shop(shop::stock_shelves(goods, api, exchange, stop).error()));
}
