#include <services/cart/service.hpp>

#include <services/cart/cart.hpp>
#include <services/cart/cart_book.hpp>
#include <services/cart/checkout.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>

namespace shop::cart {

namespace {
std::string customer_of(const cart::command& c) {
  return std::visit([](auto& x) { return x.customer; }, c);
}
}  // namespace

banyan::plan describe() {
  using namespace banyan;
  using namespace std::chrono_literals;
  return service<cart_api>(
      event_sourced<cart>{.journal = "cart"},
      sharded<cart>{.entity = customer_of, .shards = 16, .passivate_after = 1min}, handles<check_out>{},
      ambassador<orders::orders_api>{.deadline = 5s}, publishes<checkout_begun>{.topic = "cart.checkout_begun"},
      subscribes<finish_checkout>{
          .topic = "cart.checkout_begun", .group = "checkout", .from = from_start, .max_attempts = 1000},
      projection<cart_book>{.of = "cart"}, query_side<cart_book>{.replicas = 1},
      http_routes{.routes = std::vector{
                      query<get_cart>("GET /carts/{customer}", {.summary = "What is in a cart"}),
                      command<put_line>("PUT /carts/{customer}/lines/{sku}",
                                        {.summary = "Set how many of a SKU are in a cart"}),
                      command<add_line>("POST /carts/{customer}/lines", {.summary = "Add some more of a SKU"}),
                      command<remove_line>("DELETE /carts/{customer}/lines/{sku}", {.summary = "Remove a line"}),
                      command<clear_cart>("DELETE /carts/{customer}", {.summary = "Empty a cart"}),
                      command<check_out_cart>("POST /carts/{customer}/checkout",
                                              {.success = 201, .summary = "Order what is in a cart"}),
                  }});
}

}  // namespace shop::cart
