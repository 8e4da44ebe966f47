#include <services/inventory/service.hpp>

#include <services/inventory/stock_item.hpp>
#include <services/inventory/stock_report.hpp>
#include <services/inventory/tracking.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/sharding/sharded.hpp>

namespace shop::inventory {

namespace {

std::string sku_of(const stock_item::command& c) {
  return std::visit([](auto& x) { return x.sku; }, c);
}

}  // namespace

banyan::plan describe() {
  using namespace banyan;
  using namespace std::chrono_literals;
  return service<inventory_api>(
      event_sourced<stock_item>{.journal = "inventory"},
      sharded<stock_item>{.entity = sku_of, .shards = 64, .passivate_after = 10min},
      subscribes<track_product>{.topic = "catalog.product_put", .from = from_start},
      projection<stock_levels>{.of = journals{"inventory", "orders"}},
      query_side<stock_levels>{.replicas = 2},
      http_routes{.routes = std::vector{
                      command<receive_stock>("POST /stock/{sku}/movements", {.summary = "Goods come in"}),
                      query<get_stock>("GET /stock/{sku}", {.summary = "Stock of one SKU"}),
                      // A page is long work; whoever asks for many at once does not keep the others waiting.
                      query<get_stock_report>("GET /reports/stock", {.summary = "Sold, moved and on hand, per SKU", .max_in_flight = 8}),
                  }});
}

}  // namespace shop::inventory
