// The events of the catalog, as stored, and published to other services.
#pragma once

#include <services/catalog/api.hpp>

#include <banyan/journal/event.hpp>

namespace shop::catalog {

struct product_put {
  static constexpr banyan::stored_as stored{"catalog.product_put", 1};
  std::string sku, name;
  banyan::money price;
  bool stocked = true;
};
BOOST_DESCRIBE_STRUCT(product_put, (), (sku, name, price, stocked))

}  // namespace shop::catalog
