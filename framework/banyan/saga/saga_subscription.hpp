// How events of topics come to sagas: subscriptions whose handlers give orders to the sagas' shards.
#pragma once

#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/saga/saga_orders.hpp>

#include <functional>
#include <string>

namespace banyan {

struct saga_feed {
  std::string topic, group;
  stored_as event;
  shape (*layout)() = nullptr;
  std::string from = {};                 // empty: from_start
  int max_attempts = 8;                  // then the event is a dead letter
  const message_type* needs = nullptr;   // the orders of the saga, which this service must have; null: it has
};
using saga_feed_handler = std::function<task<result<done>>(actor_host&, const service_scope&, const recorded_event&)>;

void add_saga_feed(plan& p, saga_feed feed, saga_feed_handler handle);

// Gives an order to the shards of its saga in this service, as the subscription's actor. The command id derives from
// the event's. `drop_unknown`: an order to a saga that has not started is dropped.
task<result<done>> give_saga_order(actor_host& host, const service_scope& scope, message_ptr order,
                                   bool drop_unknown = false);
// The event is no order.
task<result<done>> no_order(error why);

// How the rules and claims name the orders of a saga's function.
std::string orders_of(const message_type& order);

}  // namespace banyan
