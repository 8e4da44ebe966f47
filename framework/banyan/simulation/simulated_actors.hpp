// What the start function of a simulated node is given: its actor system, and the actors of other nodes.
//
//   simulation world{{.seed = 42}};
//   world.add("bank", [](simulated_actors& here) {
//     here.publish("account", here.system().spawn([] { return std::make_unique<account>(); }, {.name = "account"}));
//   });
//   world.add("till", [](simulated_actors& here) {
//     auto account = here.reach<deposit, get_balance>("bank", "account");      // an address like any other
//     here.system().spawn([account] { return std::make_unique<till>(account); }, {.name = "till"});
//   });
//
// What is sent to such an address travels over the link between the two nodes: one-way messages arrive at most once (twice when the link
// duplicates), and a request whose answer never comes ends by its deadline. Messages are copied, so only what is listed can travel; any
// other request is answered `unimplemented`. A node's state in memory is gone when it crashes: the function runs again at each start.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/journal/journal.hpp>

#include <string>
#include <vector>

namespace banyan {

class simulated_node;

// A message type that can travel between nodes, with its copy function.
struct copyable_message {
  const message_type* type;
  message_ptr (*copy)(message& original);
};
template <class M>
copyable_message copyable_message_of() {
  return {type_of<M>(), [](message& m) { return make_message<M>(m.as<M>()); }};
}

class simulated_actors {
 public:
  explicit simulated_actors(simulated_node& n) : node_{n} {}

  actor_system& system() const;
  banyan::journal& journal() const;  // the node's disk: what is answered survives
  // Where other nodes reach it, by this name.
  void publish(std::string name, address a);
  template <class... Messages>
  address reach(std::string node, std::string name) {
    return proxy(std::move(node), std::move(name), {copyable_message_of<Messages>()...});
  }

 private:
  address proxy(std::string node, std::string name, std::vector<copyable_message> kinds);
  simulated_node& node_;
};

}  // namespace banyan
