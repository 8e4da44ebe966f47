#include <services/orders/service.hpp>

#include <services/orders/checkout.hpp>
#include <services/orders/earlier_orders.hpp>
#include <services/orders/order.hpp>
#include <services/orders/order_book.hpp>
#include <services/orders/pricing.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/saga/hears.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/supervision/supervised.hpp>

namespace shop::orders {

namespace {
std::string order_id_of(const order::command& c) {
  return std::visit([](auto& x) { return x.id; }, c);
}

std::string checkout_of_placed(const order_placed& e) { return e.id; }
std::string checkout_of_payment(const payments::payment_concluded& e) { return e.order; }
std::string checkout_of_withdrawn(const order_withdrawn& e) { return e.id; }
std::string return_of_cancelled(const order_cancelled& e) { return e.id; }

// A quarter of an hour without a service that is asked does not end an order's way.
constexpr int patient = 100;
// Of 10,000 lines each is taken and may be given back; an event is up to 1 MB long.
constexpr banyan::saga_limits of_long_orders{
    .turns = 50'000, .bytes = 64u << 20, .payload = 2u << 20, .undo = 20'000};
}  // namespace

banyan::plan describe() {
  using namespace banyan;
  using namespace std::chrono_literals;
  return service<orders_api>(
      event_sourced<order>{.journal = "orders", .snapshot_every = 0},
      sharded<order>{.entity = order_id_of, .shards = 64, .passivate_after = 30s}, handles<price_order>{.workers = 4},
      ambassador<catalog::catalog_api>{.deadline = 2s}, ambassador<inventory::inventory_api>{.deadline = 5s},
      ambassador<payments::payments_api>{.deadline = 5s}, publishes<order_placed>{.topic = "orders.placed"},
      publishes<order_cancelled>{.topic = "orders.cancelled"},
      // The groups of the sagas are those of the subscriptions that filled orders before: they go on where those were.
      saga<check_out>{.name = "orders.checkout",
                      .starts_on = "orders.placed",
                      .id = checkout_of_placed,
                      .from = from_start,
                      .group = "fulfilment",
                      .max_attempts = patient,
                      .limits = of_long_orders},
      hears<check_out, payments::payment_concluded>{.topic = "payments.concluded",
                                                    .saga = checkout_of_payment,
                                                    .event = "payment",
                                                    .from = from_start,
                                                    .max_attempts = patient,
                                                    .drop_unknown = true},
      hears<check_out, order_withdrawn>{.topic = "orders.cancelled",
                                        .saga = checkout_of_withdrawn,
                                        .event = "cancelled",
                                        .from = from_start,
                                        .max_attempts = patient,
                                        .drop_unknown = true},
      saga<take_back>{.name = "orders.take_back",
                      .starts_on = "orders.cancelled",
                      .id = return_of_cancelled,
                      .from = from_start,
                      .group = "fulfilment",
                      .max_attempts = patient,
                      .limits = of_long_orders},
      subscribes<conclude_earlier>{
          .topic = "payments.concluded", .group = "fulfilment", .from = from_start, .max_attempts = patient},
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
