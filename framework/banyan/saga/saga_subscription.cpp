#include <banyan/saga/saga_subscription.hpp>

#include <banyan/service/context.hpp>

#include <utility>

namespace banyan {

std::string orders_of(const message_type& order) { return "the saga of " + std::string{order.name}; }

void add_saga_feed(plan& p, saga_feed feed, saga_feed_handler handle) {
  const auto named = feed.topic + "." + feed.group;
  auto spec = p.add<subscription_spec>("subscribes", named, phase::background);
  spec->topic = feed.topic;
  spec->group = feed.group;
  spec->event_type = std::string{feed.event.type};
  spec->schema = feed.event.schema;
  spec->handle = std::move(handle);
  spec->max_attempts = feed.max_attempts;
  const option_limits starting_point{.fits = is_starting_point,
                                     .form = "start, now or a journal position such as 1234"};
  if (feed.from.empty()) {
    spec.option("from", &subscription_spec::from, starting_point);
  } else {
    spec->from = feed.from;
    spec.option("from", spec->from, starting_point);
  }
  spec.option("max_in_flight", &subscription_spec::max_in_flight, {.min = 1, .max = 10'000})
      .option("max_attempts", &subscription_spec::max_attempts, {.min = 1, .max = 1000})
      .option("max_crashes", &subscription_spec::max_crashes, {.min = 1, .max = 1000})
      .option("handle_within", &subscription_spec::handle_within, {.min = 0.001, .max = 3600})
      .fact("event", versioned(feed.event))
      .links_to("subscribes", "topic " + feed.topic)
      .offers(std::make_shared<events_read>(
          events_read{"subscribes." + named, {{spec->event_type, spec->schema, feed.layout}}}))
      .offers(dead_letter_words())
      .offers(subscription_words())
      .installed_by(static_cast<result<void> (*)(const subscription_spec&, assembly&)>(&install));
  if (feed.needs)
    spec.needs(orders_of(*feed.needs),
               "hears of events for a saga that this service does not have: add saga<...>{...} of the same function",
               plan_claim::scope_type::service);
  p.rule(&check_topics);
  p.rule(&check_event_layouts);
  p.notes(&subscription_notes);
}

task<result<done>> no_order(error why) { co_return why; }

task<result<done>> give_saga_order(actor_host& host, const service_scope& scope, message_ptr order,
                                   bool drop_unknown) {
  const auto* endpoint = scope.directory ? scope.directory->find(order->type) : nullptr;
  if (!endpoint) co_return error{code::unavailable, "the sagas of this service have not started"};
  const auto& received = host.context();
  auto context = std::make_shared<message_context>(received ? *received : message_context{});
  context->causation = context->command;
  if (!context->command.is_nil()) context->command = derive(context->command, 1, "saga");
  context->cancelled = {};
  context->is_of_one_request = true;
  order->context = std::move(context);
  const auto to = endpoint->for_message(*order);
  auto taken = co_await host.ask_message<saga_receipt>(to, own_link_deadline, std::move(order));
  const bool nobody_waits = !taken && (taken.error().reason == "saga_ended" ||
                                       (drop_unknown && taken.error().reason == "no_such_saga"));
  if (!taken && !nobody_waits) co_return taken.error();
  co_return done{};
}

}  // namespace banyan
