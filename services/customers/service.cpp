#include <services/customers/service.hpp>

#include <services/customers/customer.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/sharding/sharded.hpp>

namespace shop::customers {

namespace {
std::string customer_id_of(const customer::command& c) {
  return std::visit([](auto& x) { return x.id; }, c);
}
}  // namespace

banyan::plan describe() {
  using namespace banyan;
  using namespace std::chrono_literals;
  return service<customers_api>(
      event_sourced<customer>{.journal = "customers"},
      sharded<customer>{.entity = customer_id_of, .shards = 16, .passivate_after = 1min},
      publishes<profile_changed>{.topic = "customers.profile_changed"},
      projection<customer_directory>{.of = "customers"},
      query_side<customer_directory>{.replicas = 1},
      http_routes{.routes = std::vector{
                      command<put_customer>("PUT /customers/{id}", {.summary = "Register a customer, or change the profile"}),
                      query<get_customer>("GET /customers/{id}", {.summary = "One customer"}),
                  }});
}

}  // namespace shop::customers
