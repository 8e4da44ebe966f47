#include <services/catalog/service.hpp>

#include <services/catalog/listing.hpp>
#include <services/catalog/product_search.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/sharding/sharded.hpp>

namespace shop::catalog {

namespace {
std::string sku_of(const listing::command& c) {
  return std::visit([](auto& x) { return x.sku; }, c);
}
}  // namespace

banyan::plan describe() {
  using namespace banyan;
  using namespace std::chrono_literals;
  return service<catalog_api>(
      event_sourced<listing>{.journal = "catalog"},
      sharded<listing>{.entity = sku_of, .shards = 16, .passivate_after = 1min},
      projection<product_search>{.of = "catalog"},
      query_side<product_search>{.replicas = 2},
      publishes<product_put>{.topic = "catalog.product_put"},
      http_routes{.routes = std::vector{
                      command<put_product>("PUT /products/{sku}", {.summary = "List a product, or change it"}),
                      query<get_product>("GET /products/{sku}", {.summary = "One product"}),
                      query<find_products>("GET /products", {.summary = "Browse or search products"}),
                  }});
}

}  // namespace shop::catalog
