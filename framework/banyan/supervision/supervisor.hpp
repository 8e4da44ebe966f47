// A supervisor: an actor that starts, restarts and stops other actors according to its policy (policy.hpp).
//
// Use it for the long-lived parts of a service, in the order of their dependencies. For many independent children
// that come and go (connections, jobs) use the pool (pool.hpp); when no other actor needs to know them, an actor's
// own spawn() suffices.
//
//   auto tree = supervisor_factory::make({.policy = {.strategy = restart::rest_for_one},
//                                         .children = {{.name = "store", .make = make_store},
//                                                      {.name = "projections", .make = *projections_tree},  // nested
//                                                      {.name = "sweeper", .make = make_sweeper, .type = restart_type::transient}}});
//   if (!tree) return tree.error();  // nothing has started
//   address top = system.spawn(*tree, {.name = "orders"});
//   system.ask_and_wait(top, await_children{}, 10s);  // up, the nested ones too
//   address store = tree->child("store");  // stays the same over restarts
//
// A failed child is restarted in place: new state, same address, mailbox kept in order. A supervisor that fails or
// escalates is restarted by its own supervisor in the same way, and its children keep their addresses too. Only a
// child that was abandoned (it exceeded its shutdown time), or is started again after a normal end, gets a new
// address: call child() again.
//
// Children start one after the other, each when started() of the one before has returned; a nested supervisor has
// started when all its children have. They end in reverse order.
//
// Messages: list_children, await_children, start_child (child_spec.hpp), and terminate_child, restart_child,
// delete_child below. With `no_backoff` the outcomes are those of Erlang/OTP's supervisor;
// tests/framework/supervision/otp runs the same scripts on both. One difference: actors can not be killed, so where
// OTP kills, this supervisor abandons (policy.hpp).
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

// Ends a child within its shutdown time, or stops the attempts to start it. The child stays in the specification; a
// temporary one is removed. Its queued requests are answered `unavailable`. Errors of all three: not_found.
struct terminate_child {
  using reply = done;
  std::string name;
};
// Starts a child that was terminated or has ended by itself, at a new address. Errors: conflict (reason `running` or
// `restarting`); unavailable when it can not start, which is not retried.
struct restart_child {
  using reply = address;
  std::string name;
};
// Removes a child that does not run, until the supervisor itself is restarted. Errors: conflict (reason `running` or
// `restarting`).
struct delete_child {
  using reply = done;
  std::string name;
};

// Makes one supervisor and its next incarnations. Copies refer to the same one.
class supervisor_factory {
 public:
  // Errors: invalid_argument with every mistake of the specification.
  static result<supervisor_factory> make(supervisor_options options);

  std::unique_ptr<actor> operator()() const;

  // The child's address; null before it was started and after it has ended for good. Thread-safe.
  address child(std::string_view name) const;

  struct state;

 private:
  explicit supervisor_factory(std::shared_ptr<state> c) : state_{std::move(c)} {}
  std::shared_ptr<state> state_;
};

}  // namespace banyan
