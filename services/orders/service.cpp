#include <services/orders/service.hpp>

#include <services/orders/fulfilment.hpp>
#include <services/orders/order.hpp>
#include <services/orders/order_book.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/supervision/supervised.hpp>

namespace shop::orders {

namespace {
std::string order_id_of(const order::command& c) {
  return std::visit([](auto& x) { return x.id; }, c);
}

// A quarter of an hour without a service that is asked does not end an order's way.
constexpr int patient = 100;
}  // namespace

banyan::plan describe() {
  using namespace banyan;
  using namespace std::chrono_literals;
  return service<orders_api>(
      event_sourced<order>{.journal = "orders", .snapshot_every = 0},
      sharded<order>{.entity = order_id_of, .shards = 64, .passivate_after = 30s}, handles<check_out>{.workers = 4},
      ambassador<catalog::catalog_api>{.deadline = 2s}, ambassador<inventory::inventory_api>{.deadline = 5s},
      ambassador<payments::payments_api>{.deadline = 5s}, publishes<order_placed>{.topic = "orders.placed"},
      publishes<order_cancelled>{.topic = "orders.cancelled"},
      subscribes<fill_order>{
          .topic = "orders.placed", .group = "fulfilment", .from = from_start, .max_attempts = patient},
      subscribes<conclude_order>{
          .topic = "payments.concluded", .group = "fulfilment", .from = from_start, .max_attempts = patient},
      subscribes<take_back>{
          .topic = "orders.cancelled", .group = "fulfilment", .from = from_start, .max_attempts = patient},
      projection<order_book>{.of = "orders", .version = 2}, query_side<order_book>{.replicas = 2},
      projection<sales_by_month>{.of = "orders"}, query_side<sales_by_month>{.replicas = 1},
      supervised{.strategy = restart::one_for_one},
      http_routes{.routes = std::vector{
                      command<checkout>("POST /orders", {.success = 201, .summary = "Place an order"}),
                      query<get_order>("GET /orders/{id}", {.summary = "One order"}),
                      query<get_customer_orders>("GET /customers/{id}/orders",
                                                 {.summary = "A customer's orders, newest first"}),
                      command<cancel_order>("POST /orders/{id}/cancel", {.summary = "Cancel an order"}),
                      query<get_waiting_orders>("GET /reports/waiting",
                                                {.summary = "Orders that wait for their money", .max_in_flight = 4}),
                      query<get_sales_report>("GET /reports/sales", {.summary = "Sales per month"}),
                  }});
}

}  // namespace shop::orders
