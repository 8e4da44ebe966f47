// The view behind browsing and search: products by SKU, and a full-text index (FTS5) over names and SKUs.
#pragma once

#include <services/catalog/events.hpp>

#include <banyan/core/result.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <variant>

namespace shop::catalog {

struct product_search {
  using events = std::variant<product_put>;
  using queries = std::variant<get_product, find_products, get_products>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<product> answer(banyan::view_reader& v, const get_product& q);
  static banyan::result<product_page> answer(banyan::view_reader& v, const find_products& q);
  static banyan::result<product_prices> answer(banyan::view_reader& v, const get_products& q);
};

}  // namespace shop::catalog
