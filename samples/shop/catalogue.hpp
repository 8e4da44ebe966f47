// The shop's own small catalogue (catalogue.json): invented goods for everyone who has no transactions to replay.
//
//   auto goods = shop::read_catalogue(text);
//   auto done = shop::stock_shelves(*goods, api, exchange, stop);   // through the public API; doing it twice changes nothing
#pragma once

#include <shop/exchange.hpp>
#include <shop/shop_api.hpp>

#include <string_view>
#include <vector>

namespace shop {

struct catalogue_product {
  std::string sku;
  std::string name;
  banyan::money price;
  bool stocked = true;
  std::int64_t opening = 0;  // pieces in stock on the first day
};
BOOST_DESCRIBE_STRUCT(catalogue_product, (), (sku, name, price, stocked, opening))

struct catalogue {
  std::vector<catalogue_product> products;
};
BOOST_DESCRIBE_STRUCT(catalogue, (), (products))

// Errors: invalid_argument with the path of what is wrong; a SKU that occurs twice, a price that is not positive, stock of what is not
// stocked.
banyan::result<catalogue> read_catalogue(std::string_view json);

// Lists the products and receives their opening stock. Errors: the first refusal, or unavailable when interrupted.
banyan::result<void> stock_shelves(const catalogue& goods, const shop_api& api, exchange& shop, const stop_flag& stop);

}  // namespace shop
