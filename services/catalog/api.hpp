// The API of the catalog: the operations that other services and the edge may call.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/plan/operation.hpp>

#include <optional>
#include <string>
#include <vector>

namespace shop::catalog {

struct product {
  std::string sku;
  std::string name;
  banyan::money price;
  bool stocked = true;   // false: a service such as postage, of which there is no stock
};
BOOST_DESCRIBE_STRUCT(product, (), (sku, name, price, stocked))

// Lists a product, or changes it.
struct put_product {
  using reply = product;
  static constexpr auto optional_fields = banyan::fields("stocked");
  std::string sku, name;
  banyan::money price;
  bool stocked = true;
};
BOOST_DESCRIBE_STRUCT(put_product, (), (sku, name, price, stocked))

struct get_product {
  using reply = product;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_product, (), (sku))

struct product_page {
  std::vector<product> products;
  std::optional<std::string> next;   // pass as `after` for the next page
};
BOOST_DESCRIBE_STRUCT(product_page, (), (products, next))

// All products by SKU, or those whose name or SKU contains words that begin with those of `text`: its first eight distinct ones.
struct find_products {
  using reply = product_page;
  static constexpr auto optional_fields = banyan::fields("limit");
  std::optional<std::string> text, after;
  int limit = 50;
};
BOOST_DESCRIBE_STRUCT(find_products, (), (text, after, limit))

struct product_prices {
  std::vector<product> found;
};
BOOST_DESCRIBE_STRUCT(product_prices, (), (found))

// The listed ones among several SKUs, in one question.
struct get_products {
  using reply = product_prices;
  static constexpr std::size_t most = 10'000;
  std::vector<std::string> skus;
};
BOOST_DESCRIBE_STRUCT(get_products, (), (skus))

struct catalog_api {
  static constexpr std::string_view name = "catalog";
  using operations = banyan::operations<banyan::op<put_product, banyan::idempotent::always>, banyan::op<get_product, banyan::idempotent::always>,
                                        banyan::op<find_products, banyan::idempotent::always>, banyan::op<get_products, banyan::idempotent::always>>;
};

}  // namespace shop::catalog
