#include <services/payments/service.hpp>

#include <services/payments/collection.hpp>
#include <services/payments/outage.hpp>
#include <services/payments/payment.hpp>
#include <services/payments/payment_book.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/topic/listens.hpp>

namespace shop::payments {

namespace {

std::string payment_of_command(const payment::command& c) {
  if (auto* s = std::get_if<record_settlement>(&c)) return s->payment;
  return std::visit(
      [](auto& x) {
        if constexpr (requires { x.order; })
          return x.order;
        else
          return std::string{};
      },
      c);
}

// The link to the acquirer, an HTTP program outside of the application.
auto acquirer_link() {
  using namespace banyan;
  using namespace std::chrono_literals;
  return ambassador<acquirer_api>{
      .deadline = 3s,
      .attempt_deadline = 1s,
      .limit = bulkhead_options{.concurrency = 64, .queue = 256, .queue_time = 1s},
      .breaker = circuit_breaker{.failure_rate = 0.5, .open_for = 1s, .open_for_at_most = 10s},
      .retry = retry_options{.attempts = 3},
      .over = http_upstream{
          .to = "http://127.0.0.1:8090",
          .calls = {call<charge_card>("POST /charges", {.headers = {{"Idempotency-Key", "key"}}}),
                    call<get_charge>("GET /charges/{key}"),
                    call<refund_charge>("POST /charges/{key}/refunds", {.headers = {{"Idempotency-Key", "refund"}}})}}};
}

// While the acquirer is away, each payment is asked for again every ten seconds at the latest: so for hours, and 1,000
// at a time.
constexpr int patient = 1000, at_once = 250;

}  // namespace

banyan::plan describe() {
  using namespace banyan;
  using namespace std::chrono_literals;
  return service<payments_api>(
      event_sourced<payment>{.journal = "payments"},
      sharded<payment>{.entity = payment_of_command, .shards = 16, .passivate_after = 30s}, acquirer_link(),
      handles<take_settlement>{}, publishes<payment_requested>{.topic = "payments.requested"},
      publishes<payment_concluded>{.topic = "payments.concluded"},
      publishes<refund_requested>{.topic = "payments.refund_requested"},
      subscribes<take_payment>{.topic = "payments.requested",
                               .group = "collection",
                               .from = from_start,
                               .max_in_flight = at_once,
                               .max_attempts = patient},
      subscribes<pay_back>{.topic = "payments.refund_requested",
                           .group = "collection",
                           .from = from_start,
                           .max_in_flight = at_once,
                           .max_attempts = patient},
      listens<tell_of_outage>{.topic = breakers_topic},
      projection<payment_book>{.of = "payments", .version = 2}, query_side<payment_book>{.replicas = 2},
      http_routes{
          .routes = std::vector{
              query<get_payment>("GET /payments/{order}", {.summary = "An order's payment"}),
              query<get_payments>("GET /payments", {.summary = "Payments, all or those that wait or need attention"}),
              query<get_payments_report>("GET /reports/payments",
                                         {.summary = "What waits, what was taken and paid back", .max_in_flight = 4}),
              command<settle>("POST /payments/settlements", {.summary = "The acquirer's settlement, signed",
                                                             .body_as = "body",
                                                             .headers = {{"X-Acquirer-Signature", "signature"}}}),
          }});
}

}  // namespace shop::payments
