// A supervisor: an actor whose only work is to keep other actors running, as its policy says (policy.hpp).
//
// Use it for the long-lived parts of a service, in the order in which they depend on each other. For many that come and go and do not
// depend on each other (connections, jobs) there is the pool (pool.hpp); where nobody needs to know of them, an actor's own spawn() is
// enough.
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
// A failed child is restarted in place: fresh state, the same address, its mailbox in order. A supervisor that fails or escalates is
// restarted by its own supervisor in the same way, and its children keep their addresses too. Only a child that is abandoned (it did not
// end in its time) or that comes back after a normal end gets a new address: ask child() again.
//
// Children start one after the other, each when started() of the one before has returned; a nested supervisor has started when all below it
// have. They end in reverse order.
//
// It can be asked, by messages: list_children, await_children, start_child (child_spec.hpp), and terminate_child, restart_child,
// delete_child below. With `no_backoff` the outcomes are those of Erlang/OTP's supervisor; tests/framework/supervision/otp plays the same
// scripts on both. What can not be the same: no actor can be killed, so where OTP kills, ours abandons (policy.hpp).
#pragma once

#include <banyan/supervision/child_spec.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct supervisor_options {
  supervision_policy policy = {};
  std::vector<child_spec> children = {};
  supervision_hooks hooks = {};
};

// Ends a child in its shutdown time, or stops trying to start it. It keeps its place, also when it has ended already; a temporary one is
// forgotten. What waits in its mailbox is answered `unavailable`. Errors, of all three: not_found.
struct terminate_child {
  using reply = done;
  std::string name;
};
// Starts one that was terminated or ended by itself, at a new address. Errors: `conflict` because `running` or `restarting`; `unavailable`
// when it can not start, which is not tried again.
struct restart_child {
  using reply = address;
  std::string name;
};
// Forgets one that does not run; a supervisor that is itself restarted has it again. Errors: `conflict` because `running` or `restarting`.
struct delete_child {
  using reply = done;
  std::string name;
};

// Makes one supervisor, and its next incarnations. Copies speak of the same one.
class supervisor_factory {
 public:
  // invalid_argument with every mistake in the specification.
  static result<supervisor_factory> make(supervisor_options options);

  std::unique_ptr<actor> operator()() const;

  // Nobody before the child has been started, and after it has ended for good. From any thread.
  address child(std::string_view name) const;

  struct state;

 private:
  explicit supervisor_factory(std::shared_ptr<state> c) : state_{std::move(c)} {}
  std::shared_ptr<state> state_;
};

}  // namespace banyan
