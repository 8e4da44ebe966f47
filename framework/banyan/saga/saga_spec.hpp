// The declaration of a kind of sagas, without its types. Made by saga<function>{...} (saga.hpp).
#pragma once

#include <banyan/actor/message.hpp>
#include <banyan/saga/limits.hpp>
#include <banyan/saga/saga_frame.hpp>
#include <banyan/saga/saga_orders.hpp>
#include <banyan/sharding/sharded.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace banyan {

// Which sagas are verified while they run: every turn is replayed from the start in a second machine before it is
// stored. A saga that does not do the same again is blocked at that turn, and the sentence says where it differs; what
// depends on a clock, on chance or on a global shows on the day it is written, not after the first restart. Costs the
// turns in memory, and a replay for each turn.
struct saga_verify {
  double share = 0;  // of the sagas: 1 always, 0 never

  static constexpr saga_verify always() { return {1}; }
  static constexpr saga_verify sampled(double share) { return {share}; }  // drawn when a saga is activated
  static constexpr saga_verify never() { return {0}; }
};

// A function of a saga under its version.
struct saga_version {
  int version = 1;
  saga_code code;
};

struct saga_spec {
  std::string name;                     // stored, "orders.checkout"
  std::string category;                 // of its streams: "<category>-<id>", run n: "<category>-<id>~<n>"
  std::vector<saga_version> versions;   // the first one begins new sagas
  std::string starts_on;                // a topic; empty: an operation
  std::string group;                    // of its subscription to that topic
  std::vector<stored_as> publishes;     // events that it stores with its turns
  timespan give_up_after{};             // 0: never
  timespan keep = std::chrono::hours{7 * 24};  // ended sagas stay in the index
  int max_in_flight = 16;               // turns of a saga that are not durable yet; more wait
  saga_limits limits = {};
  saga_verify verify = {};              // option "verify", from 0 to 1; simulations set 1
  shard_spec routing = {};              // the shards that host its actors

  // An operation that starts the saga and is answered when it ends; null: none.
  const message_type* request = nullptr;
  nested_json (*input_of)(message& request) = nullptr;
  message_ptr (*answer)(std::string_view result) = nullptr;  // from {"ok":...} or {"error":...}
  std::function<std::string(message& request)> id_of = {};

  // Its own type of orders.
  const message_type* order = nullptr;
  saga_order* (*order_in)(message& m) = nullptr;

  const saga_code* code_of(int version) const {
    for (const auto& v : versions)
      if (v.version == version) return &v.code;
    return nullptr;
  }
  // Null: the message is no order.
  saga_order* order_of(message& m) const {
    if (m.type == type_of<saga_order>()) return &m.as<saga_order>();
    return order && m.type == order ? order_in(m) : nullptr;
  }
  // The saga that a message is for; empty: none.
  std::string saga_of(message& m) const {
    if (const auto* o = order_of(m)) return o->id;
    if (m.type == type_of<describe_saga>()) return m.as<describe_saga>().id;
    if (m.type == type_of<wake_saga>()) return m.as<wake_saga>().id;
    return request && m.type == request ? id_of(m) : std::string{};
  }
};

// Where orders for the sagas of a kind go on a node: offered by the sagas' name (assembly::find).
struct saga_route {
  std::function<address(message&)> to;
};

}  // namespace banyan
