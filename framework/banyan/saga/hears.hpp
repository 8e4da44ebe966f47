// `hears<check_out, payment_approved>{...}`: events of a topic that are given to sagas. Which saga an event is for, its
// own function says; the saga takes it by name:
//
//   auto approval = co_await ctx.event<payment_approved>("approval");   // in the saga
//
//   hears<check_out, payment_approved>{.topic = "payments.approved", .saga = order_of_approval, .event = "approval"}
//
// A subscription as any other (pub_sub/pub_sub.hpp): delivery is at least once and in the order of the publishing
// stream, and the event's command id makes a repeat have no effect. An event for a saga that has ended is dropped; one
// for a saga that has not started is tried again, and becomes a dead letter of the group. `.drop_unknown` drops it: for
// events that come after the start of their saga, if it has one, as what answers one of its steps.
#pragma once

#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>
#include <banyan/saga/saga.hpp>

#include <string>
#include <utility>

namespace banyan {

template <auto Function, class Event>
struct hears {
  static_assert(stored_event<Event>,
                "what a saga hears of is a stored event: give it `static constexpr banyan::stored_as stored{\"payments."
                "approved\", 1};`");
  using id_function = std::string (*)(const Event&);
  required<"topic", std::string> topic;
  required<"saga", id_function> saga;   // the id of the saga that an event is for
  required<"event", std::string> event; // its name in the saga
  std::string group = {};               // default: "<service>.<event>"
  std::string from = {};                // as subscribes<...>::from
  int max_attempts = 8;                 // then it is a dead letter
  bool drop_unknown = false;            // an event for a saga that has not started

  void contribute(plan& p) const {
    saga_feed feed{*topic, group.empty() ? p.service() + "." + *event : group, Event::stored, &shape_of<Event>, from};
    feed.max_attempts = max_attempts;
    feed.needs = type_of<saga_order_for<Function>>();
    add_saga_feed(p, std::move(feed),
                  [id = *saga, name = *event, drop = drop_unknown](actor_host& host, const service_scope& scope,
                                                                   const recorded_event& e) {
                    auto read = detail::decode_event<Event>(e);
                    if (!read) return no_order(std::move(read.error()));
                    saga_order order{
                        .what = saga_command::receive, .id = id(*read), .name = name, .payload = nested(*read)};
                    auto given = make_message<saga_order_for<Function>>(std::move(order));
                    return give_saga_order(host, scope, std::move(given), drop);
                  });
  }
};

}  // namespace banyan
