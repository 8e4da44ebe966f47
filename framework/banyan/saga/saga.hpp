// `saga<check_out>{...}`: declares a saga, a durable coroutine (context.hpp), and how it starts.
//
//   saga<check_out>{.name = "orders.checkout",           // stored: apart from C++ names
//                   .version = 1,
//                   .starts_on = "orders.placed",        // a topic whose events are its input
//                   .id = order_id_of,
//                   .give_up_after = 24h},
//   hears<check_out, payment_approved>{.topic = "payments.approved", .saga = order_of_approval, .event = "approval"}
//
// Without `starts_on` the input is a request, `struct checkout_request { using reply = order_state; ... }`: the saga
// answers that operation when it ends. A caller that does not wait so long asks again with the same input.
//
// One saga per id: a second start with the same input is the same start, with another input it is refused (conflict,
// "saga_started").
//
// The version is recorded when a saga starts and never changes for that run. As long as sagas of an earlier version
// live, its function stays linked: `.version = 3, .earlier = {earlier_saga<check_out_v2>(2)}`; a saga whose version is
// not linked is blocked. What needs a version: any change of what the function asks for, or in which order.
#pragma once

#include <banyan/event_sourcing/erased_aggregate.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/required.hpp>
#include <banyan/saga/saga_code.hpp>
#include <banyan/saga/saga_spec.hpp>
#include <banyan/saga/saga_subscription.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

result<void> install(const saga_spec& spec, assembly& a);
// What all declarations of sagas have in common: options, claims, rules. Called by contribute().
void complete(place<saga_spec> spec, plan& p);

// A function of a version before the present one.
template <auto Function>
saga_version earlier_saga(int version) {
  return {version, saga_code_of<Function>({}, version)};
}

template <auto Function>
struct saga {
  using signature = detail::saga_signature<decltype(Function)>;
  using input = typename signature::input;
  using reply = typename signature::reply;
  using asks = typename signature::context_type::apis;
  using id_function = std::string (*)(const input&);

  required<"name", std::string> name;
  int version = 1;
  std::string starts_on = {};                             // a topic; empty: an operation, the input
  required<"id", id_function> id;                         // of the saga, without '~'
  timespan give_up_after{};                               // stopped then, unless it is past its pivot; 0: never
  timespan passivate_after = std::chrono::seconds{30};    // idle time before it leaves memory
  timespan keep = std::chrono::hours{7 * 24};             // ended sagas stay in the index
  std::vector<saga_version> earlier = {};
  std::vector<stored_as> publishes = {};                  // what it may give to ctx.publish: {order_paid::stored}
  std::string category = {};                              // of its streams; default: its name
  int shards = 64;                                        // fixed for a journal: see sharded.hpp
  int max_active = 10'000;                                 // in memory on this node
  saga_verify verify = {};                                // replays turns as they are made: saga_verify::always()
  std::string from = {};                                  // of starts_on: as subscribes<...>::from
  std::string group = {};                                 // of starts_on; default: the saga's name. That of an earlier
                                                          // subscription goes on where it was
  int max_attempts = 8;                                   // of starts_on: then the event is a dead letter
  saga_limits limits = {};

  void contribute(plan& p) const {
    auto spec = p.add<saga_spec>("saga", *name, phase::entity);
    spec->name = *name;
    spec->category = category.empty() ? *name : category;
    spec->versions.push_back({version, saga_code_of<Function>(*name, version)});
    for (auto v : earlier) {
      v.code.name = *name;
      spec->versions.push_back(std::move(v));
    }
    spec->give_up_after = give_up_after;
    spec->keep = keep;
    spec->verify = verify;
    spec->limits = limits;
    spec->routing.shards = shards;
    spec->routing.passivate_after = passivate_after;
    spec->routing.max_entities = max_active;
    spec->order = type_of<saga_order_for<Function>>();
    spec->order_in = [](message& m) { return &m.as<saga_order_for<Function>>().order; };
    if (starts_on.empty()) {
      if constexpr (starts_by_operation) {
        spec->request = type_of<input>();
        spec->input_of = [](message& m) { return nested(m.as<input>()); };
        spec->answer = &detail::stored_reply_message<reply>;
        spec->id_of = [id = *id](message& m) { return id(m.as<input>()); };
        p.implements(describe_operation<input>(p.service()), "saga." + *name);
      }
    } else {
      if constexpr (stored_event<input>) subscribe(p);
    }
    spec->starts_on = starts_on;
    spec->group = group.empty() ? *name : group;
    spec->publishes = publishes;
    complete(spec, p);
  }

 private:
  static constexpr bool starts_by_operation = [] {
    if constexpr (detail::names_its_reply<input>)
      return std::is_same_v<typename input::reply, reply>;
    else
      return false;
  }();

  void subscribe(plan& p) const {
    saga_feed feed{starts_on, group.empty() ? *name : group, input::stored, &shape_of<input>, from};
    feed.max_attempts = max_attempts;
    auto handle = [id = *id](actor_host& host, const service_scope& scope, const recorded_event& e) {
      auto read = detail::decode_event<input>(e);
      if (!read) return no_order(std::move(read.error()));
      saga_order order{.what = saga_command::start, .id = id(*read), .payload = nested(*read)};
      return give_saga_order(host, scope, make_message<saga_order_for<Function>>(std::move(order)));
    };
    add_saga_feed(p, std::move(feed), std::move(handle));
  }
};

}  // namespace banyan
