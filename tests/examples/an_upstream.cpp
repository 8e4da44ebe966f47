// The examples of the headers for links to HTTP APIs outside the application, and of the parts of a link, in one
// program that compiles: tests/examples/check compares them.
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/ambassador/attempt_set.hpp>
#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/ambassador/bulkhead_wait.hpp>
#include <banyan/ambassador/call_chain.hpp>
#include <banyan/assembly/assembly.hpp>
#include <banyan/assembly/change_signal.hpp>
#include <banyan/http/http_upstream.hpp>
#include <banyan/http/request_writer.hpp>
#include <banyan/http/server.hpp>
#include <banyan/topic/event_queue.hpp>
#include <banyan/topic/topic.hpp>

namespace examples {

using namespace banyan;
using namespace std::chrono_literals;

struct charge {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(charge, (), (id))
struct charge_card {
  using reply = charge;
  std::string key;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(charge_card, (), (key, amount))
struct get_charge {
  using reply = charge;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(get_charge, (), (key))
struct refund_charge {
  using reply = charge;
  std::string key;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(refund_charge, (), (key, amount))

// --- http/http_upstream.hpp

struct acquirer_api {
  static constexpr std::string_view name = "acquirer";
  using operations = banyan::operations<op<charge_card, idempotent::by_key>, op<get_charge, idempotent::always>>;
};

auto link_to_the_acquirer() {
  auto link =
  ambassador<acquirer_api>{.deadline = 3s,
                           .over = http_upstream{.to = "http://127.0.0.1:8090",
                                                 .calls = {call<charge_card>("POST /charges",
                                                               {.headers = {{"Idempotency-Key", "key"}}}),
                                                           call<get_charge>("GET /charges/{key}")}}}
  ;
  return link;
}

// --- ambassador/ambassador.hpp

struct ledger_api {
  static constexpr std::string_view name = "acquirer";
  using operations = banyan::operations<op<get_charge, idempotent::always>>;
};

namespace reads_only {
using acquirer_api = ledger_api;

auto link_with_its_parts() {
  auto link =
  ambassador<acquirer_api>{.deadline = 3s, .limit = bulkhead_options{.concurrency = 32, .queue = 64},
                           .breaker = circuit_breaker{.failure_rate = 0.5, .open_for = 5s},
                           .retry = retry_options{.attempts = 3},
                           .over = http_upstream{.to = "http://127.0.0.1:8090",
                                                 .calls = {call<get_charge>("GET /charges/{key}")}}}
  ;
  return link;
}
}  // namespace reads_only

// --- ambassador/attempt_set.hpp

task<result<message_ptr>> hedged(actor_host& host, const address& receiver, message_ptr request, transport& transport,
                                 const endpoint& endpoint, const operation& what, const message& other, monotonic limit,
                                 monotonic until) {
  attempt_set attempts{host};
  attempts.start(0, receiver, request, limit);            // an actor of this node
  attempts.start(1, transport, endpoint, what, other, limit);   // another node, or an HTTP API
  auto first = co_await attempts.next(until);             // the slot that has finished; none: `until` passed
  if (!first) co_return error{code::deadline_exceeded, "no attempt has finished", outcome::unknown};
  auto answer = attempts.take(*first);
  co_return answer;
}

// --- ambassador/bulkhead_wait.hpp

task<result<done>> wait_for_a_place(actor_host& host, bulkhead& limit, monotonic deadline, timespan longest) {
  bulkhead_wait place{host, limit};
  auto enter = [&](completion<done> over) { place.enter(deadline, std::move(over)); };
  co_await host.wait_for<done>(longest, enter);      // over, or timed out
  if (!place.take()) co_return place.refusal();      // else the caller holds a permit now
  limit.release(host.steady());
  co_return done{};
}

// --- assembly/change_signal.hpp

void tell_of_changes(assembly& a, call_chain& chain) {
  auto changes = a.changes();
  chain.when_changed([changes](const std::string&, const breaker_event&, auto) { changes->notify(); });
}

// --- topic/topic.hpp, topic/event_queue.hpp

result<void> publish_changes(assembly& a, breaker_changed (*what_has_changed)()) {
  auto changes = topic_of<breaker_changed>(a, breakers_topic);
  if (!changes) return changes.error();
  if (changes->has_subscribers()) changes->publish(what_has_changed());
  return {};
}

void one_subscriber(void (*wake)(), void (*complain)(), void (*handle)(const shared_event&),
                    const shared_event& event) {
  event_queue waiting{256};
  waiting.call({.wake = wake, .stalled = complain});
  waiting.push(event);
  while (shared_event next = waiting.take()) handle(next);
}

// --- http/request_writer.hpp

result<http_request> refund() {
  const request_writer writer{*route_pattern::parse("POST /charges/{key}/refunds"), shape_of<refund_charge>(), {}};
  // POST /charges/k%201/refunds {"amount":5}
  result<http_request> request = writer.write(R"({"key":"k 1","amount":5})");
  return request;
}

}  // namespace examples
