// A supervisor: an actor whose only work is to keep other actors running, as its policy says (policy.hpp).
//
// Use it for the long-lived parts of a service, in the order in which they depend on each other. Not for the many short-lived ones (entities,
// connections): an actor's own spawn() is enough for these, it restarts them with a back-off of their own.
//
//   auto tree = supervisor_factory::make({.policy = {.strategy = restart::rest_for_one},
//                                         .children = {{.name = "store", .make = make_store},
//                                                      {.name = "projections", .make = *projections_tree},   // another supervisor
//                                                      {.name = "sweeper", .make = make_sweeper, .type = restart_type::transient}}});
//   if (!tree) return tree.error();                                       // nothing has started
//   address top = system.spawn(*tree, {.name = "orders"});
//   system.ask_and_wait(top, await_children{}, 10s);                      // up, the nested ones too
//   address store = tree->child("store");                                 // stays the same over restarts
//
// A failed child is restarted in place: fresh state, the same address, its mailbox in order. A supervisor that fails or escalates is restarted by
// its own supervisor in the same way, and its children keep their addresses too. Only a child that is abandoned (it did not end in its time)
// or that comes back after a normal end gets a new address: ask child() again.
//
// Children start one after the other, each when started() of the one before has returned; a nested supervisor has started when all below it have.
// They end in reverse order.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/supervision/strategy.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct child_spec {
  std::string name;                                  // unique among its siblings; shown in the topology
  actor_factory make;
  restart_type type = restart_type::permanent;
  timespan shutdown = std::chrono::seconds{5};       // abandon_at_once, wait_forever; nested supervisors: wait_forever
  std::size_t stash_limit = 1000;                    // messages kept while it is down
};

struct supervisor_options {
  supervision_policy policy = {};
  std::vector<child_spec> children = {};
  // Called on the supervisor's thread of control when it gives up. One that has no supervisor above has ended then: the program should too.
  std::function<void(const error& last_cause)> escalated = {};
};

// To a supervisor: answered when all children have been up once.
struct await_children {
  using reply = done;
};

// Makes one supervisor, and its next incarnations. Copies speak of the same one.
class supervisor_factory {
 public:
  // invalid_argument with every mistake in the specification.
  static result<supervisor_factory> make(supervisor_options options);

  std::unique_ptr<actor> operator()() const;

  // Nobody before the child has been started, and after it has ended for good. From any thread.
  address child(std::string_view name) const;

  struct crew;

 private:
  explicit supervisor_factory(std::shared_ptr<crew> c) : crew_{std::move(c)} {}
  std::shared_ptr<crew> crew_;
};

}  // namespace banyan
