// The argument of a simulated node's start function: its actor system, and access to actors of other nodes.
//
//   simulation world{{.seed = 42}};
//   world.add("bank", [](simulated_actors& here) {
//     here.publish("account", here.system().spawn([] { return std::make_unique<account>(); }, {.name = "account"}));
//   });
//   world.add("till", [](simulated_actors& here) {
//     auto account = here.reach<deposit, get_balance>("bank", "account");      // an ordinary address
//     here.system().spawn([account] { return std::make_unique<till>(account); }, {.name = "till"});
//   });
//
// Messages to such an address travel over the link between the two nodes: one-way messages arrive at most once
// (twice when the link duplicates), and a request without an answer ends at its deadline. Messages and answers are
// encoded, so what a codec loses is lost here too. Only the listed types can be sent; other requests are answered
// `unimplemented`. When the caller gives up, the other node is notified (message.hpp). A node's memory is lost in a
// crash: the start function runs again at each start.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/journal/journal.hpp>
#include <banyan/plan/describe_operation.hpp>

#include <string>
#include <vector>

namespace banyan {

class simulated_node;

namespace detail {
// The operation that stands for a message type sent to an actor of another node.
template <class M>
operation travelling(std::string_view actor) {
  static_assert(can_travel<M>,
                "this message can not travel between nodes: describe its struct with BOOST_DESCRIBE_STRUCT");
  if constexpr (requires { typename M::reply; }) {
    static_assert(can_travel<typename M::reply>, "the reply of this message can not travel between nodes: describe it");
    return describe_operation<M>(actor, idempotent::always);
  } else {
    operation o;
    o.name = std::string{actor} + "." + std::string{short_name<M>()};
    o.request = type_of<M>();
    o.request_codec = codec_of<M>();
    return o;
  }
}
}  // namespace detail

class simulated_actors {
 public:
  explicit simulated_actors(simulated_node& n) : node_{n} {}

  actor_system& system() const;
  banyan::journal& journal() const;  // the node's disk: acknowledged writes survive
  // Makes an actor reachable for other nodes under this name.
  void publish(std::string name, address a);
  template <class... Messages>
  address reach(std::string node, std::string name) {
    std::vector<operation> travelling{detail::travelling<Messages>(name)...};
    return proxy(std::move(node), std::move(name), std::move(travelling));
  }

 private:
  address proxy(std::string node, std::string name, std::vector<operation> travelling);
  simulated_node& node_;
};

}  // namespace banyan
