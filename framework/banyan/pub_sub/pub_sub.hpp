// `publishes<order_placed>{.topic = "orders.placed"}` and `subscribes<on_order_placed>{.topic = "orders.placed",
// .group = "inventory"}`: publishers do not know subscribers.
//
// A topic is a set of event types, each published by a service. A subscription receives the events of its handler's
// type that the topic's publishers store in their own journals, and nothing else (topics.hpp).
//
// An event is published by being stored: the journal is the outbox, so exactly the stored events are published. A
// subscription follows the journal from its own durable checkpoint. Delivery is at least once, in order per key (the
// publishing stream), different keys in parallel. The command id of a handler is derived from the event's id, so its
// commands to event-sourced entities are executed once, however often the event is delivered.
//
//   task<result<done>> on_order_placed(context<inventory_api> ctx, const order_placed& e) {
//     auto taken = co_await ctx.ask<inventory_api, take_stock>(e.sku, e.quantity);
//     if (!taken) co_return taken.error();   // tried again
//     co_return done{};                      // dealt with
//   }
//
// `from` says where a new group begins: at the start of the journal (for a handler that keeps other data complete), now
// (for one that sends e-mails, say), or after a position. A renamed group is a new group. A log line reports each new
// group.
//
// If a handler answers an error, or has not ended within `handle_within`, the event is delivered again with back-off;
// after `max_attempts` it becomes a dead letter of the group, with payload, reason and attempts, and the next event of
// its key is delivered. If the handler throws, the limit is `max_crashes`. An event whose handler repeatedly ends the
// whole process becomes a dead letter too (delivery_counts.hpp has the rules). All counts survive the end of the
// process. An event that does not decode becomes a dead letter at once. Operators list dead letters and have them
// delivered again by `dead-letters list | show | replay` (operator_words.cpp).
//
// An event of another version than the handler's is never decoded as the handler's version: it is left to a
// subscription of the same service and topic for that version, and becomes a dead letter if there is none. So while
// both versions are in the journal, the old handler keeps its group, and the new one has a group of its own.
//
// While the journal itself can not store (its disk is full, its files are lost or damaged), failed attempts are
// repeated and not counted, so that no event becomes a dead letter because of it (is_about_journal, journal_rules.hpp).
// Any other error of the handler is counted, also `unavailable` from a service that it asks.
#pragma once

#include <banyan/assembly/operator_words.hpp>
#include <banyan/core/backoff.hpp>
#include <banyan/core/json.hpp>
#include <banyan/event_sourcing/aggregate.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/schema.hpp>
#include <banyan/plan/required.hpp>
#include <banyan/service/handles.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// What a pattern that is no aggregate stores in a journal of its own, so that it can be published: offered by its item.
struct events_in_journal {
  std::string journal;
  std::vector<stored_as> events;
};

struct publication_spec {
  std::string topic;
  std::string event_type;   // stored name
  int schema = 1;
};

// Where a new group begins.
inline constexpr const char* from_start = "start";
inline constexpr const char* from_now = "now";  // behind the last event that is stored when it first runs
bool is_starting_point(std::string_view text);  // one of these, or a position: "1234" begins with the event after it

struct subscription_spec {
  std::string topic, group;
  std::string event_type;
  int schema = 1;
  std::string from = from_start;
  int max_in_flight = 64;                                  // handlers that run at once, each for another key
  int max_attempts = 8;                                    // that the handler refused
  int max_crashes = 3;                                     // that it did not survive, as one that throws
  timespan handle_within = std::chrono::seconds{30};       // one attempt, with all that it asks
  backoff_policy retry = {.first = std::chrono::milliseconds{25}, .min = std::chrono::milliseconds{50}, .max = std::chrono::seconds{10}};
  // Decodes and handles one event, as the actor that hosts it; an error whose reason is `undecodable` is of the
  // decoding and never tried again, any other is of the handler.
  std::function<task<result<done>>(actor_host&, const service_scope&, const recorded_event&)> handle;
  // Whose events are taken: journals of the topic's publishers, as resolve_topics() found them. Empty: any.
  std::vector<std::string> journals = {};
  std::vector<std::string> other_journals = {};            // whose name begins with one of these and a '-'
  std::vector<int> other_schemas = {};                     // versions that other subscriptions of the service take
};

inline constexpr std::string_view undecodable = "undecodable_event";

result<void> install(const subscription_spec& spec, assembly& a);
// The words of the command line (operator_words.cpp).
std::shared_ptr<operator_words> dead_letter_words();
std::shared_ptr<operator_words> subscription_words();
// The rules of topics and subscriptions (topics.hpp).
void check_topics(const application& app, std::vector<problem>& out);
void subscription_notes(const application& app, std::vector<std::string>& out);

template <class E>
struct publishes {
  static_assert(stored_event<E>, "what is published is a stored event: give it `static constexpr banyan::stored_as stored{\"orders.placed\", 1};`");
  required<"topic", std::string> topic;
  std::string name = {};

  void contribute(plan& p) const {
    auto spec = p.add<publication_spec>("publishes", name.empty() ? *topic : name, phase::background);
    spec->topic = *topic;
    spec->event_type = std::string{E::stored.type};
    spec->schema = E::stored.schema;
    spec.fact("event", versioned(E::stored)).links_to("publishes", "topic " + *topic).read_by("the subscriptions to the topic");
    p.rule(&check_topics);
  }
};

namespace detail {
template <class E>
result<E> decode_event(const recorded_event& e) {
  if (e.schema != E::stored.schema)
    return error{code::corrupt, "event " + e.type + " is of version " + std::to_string(e.schema) + ", and the handler takes " +
                                    std::to_string(E::stored.schema)}
        .because(std::string{undecodable});
  auto decoded = from_json<E>(e.payload);
  if (!decoded)
    return error{code::corrupt, "event " + e.type + " does not decode: " + decoded.error().message}.because(std::string{undecodable});
  return decoded;
}

template <auto Handle>
task<result<done>> handle_event(actor_host& host, const service_scope& scope, const recorded_event& e) {
  using signature = handler_signature<decltype(Handle)>;
  auto decoded = decode_event<typename signature::message>(e);
  if (!decoded) co_return decoded.error();
  typename signature::context_type ctx{host, scope};
  auto handled = co_await Handle(std::move(ctx), *decoded);
  if (!handled && handled.error().reason == undecodable) handled.error().reason.clear();  // said of something else
  co_return handled;
}
}  // namespace detail

template <auto Handle>
struct subscribes {
  using signature = detail::handler_signature<decltype(Handle)>;
  using asks = typename signature::context_type::apis;
  static_assert(std::is_same_v<typename signature::returned, task<result<done>>>,
                "a subscription's handler returns task<result<done>>: done acknowledges, an error is tried again");
  static_assert(stored_event<typename signature::message>,
                "a subscription handles a stored event: its handler's second parameter must be one, with a `static "
                "constexpr banyan::stored_as stored`; an event that is not stored is listened to: listens<...>");
  required<"topic", std::string> topic;
  std::string group = {};                                  // default: the service's name
  // A new group: from_start, from_now, or a position. Empty: from_start, and `check` says so.
  std::string from = {};
  int max_in_flight = 64;
  int max_attempts = 8;
  int max_crashes = 3;
  timespan handle_within = std::chrono::seconds{30};
  std::string name = {};

  void contribute(plan& p) const {
    auto group_name = group.empty() ? p.service() : group;
    auto spec = p.add<subscription_spec>("subscribes", name.empty() ? *topic + "." + group_name : name, phase::background);
    spec->topic = *topic;
    spec->group = group_name;
    spec->event_type = std::string{signature::message::stored.type};
    spec->schema = signature::message::stored.schema;
    if (!from.empty()) spec->from = from;
    spec->max_in_flight = max_in_flight;
    spec->max_attempts = max_attempts;
    spec->max_crashes = max_crashes;
    spec->handle_within = handle_within;
    spec->handle = &detail::handle_event<Handle>;
    const option_limits starting_point{.fits = is_starting_point, .form = "start, now or a journal position such as 1234"};
    if (from.empty())
      spec.option("from", &subscription_spec::from, starting_point);
    else
      spec.option("from", spec->from, starting_point);
    spec.option("max_in_flight", &subscription_spec::max_in_flight, {.min = 1, .max = 10'000})
        .option("max_attempts", &subscription_spec::max_attempts, {.min = 1, .max = 1000})
        .option("max_crashes", &subscription_spec::max_crashes, {.min = 1, .max = 1000})
        .option("handle_within", &subscription_spec::handle_within, {.min = 0.001, .max = 3600})
        .fact("event", versioned(signature::message::stored))
        .links_to("subscribes", "topic " + *topic)
        .offers(std::make_shared<events_read>(
            events_read{"subscribes." + (name.empty() ? *topic + "." + group_name : name),
                        {{spec->event_type, spec->schema, &shape_of<typename signature::message>}}}))
        .offers(dead_letter_words())
        .offers(subscription_words())
        .installed_by(&install);
    p.rule(&check_topics);
    p.rule(&check_event_layouts);
    p.notes(&subscription_notes);
  }
};

}  // namespace banyan
