// A pool: a supervisor of children that come and go, many of them, each on its own (OTP: simple_one_for_one; Elixir: DynamicSupervisor).
//
// Use it for connections, jobs, sessions: what is started because somebody asks for it. For the parts of a service, which are known before
// it starts and depend on each other, use supervisor.hpp. A pool is a child like any other there, with wait_forever.
//
//   auto connections = pool_factory::make({.policy = {.backoff = no_backoff, .limit = intensity{.restarts = 100, .within = 1s}}});
//   auto tree = supervisor_factory::make({.children = {{.name = "connections", .make = *connections, .shutdown = wait_forever}}});
//   ...
//   child_spec c{.make = [=] { return std::make_unique<connection>(socket); }, .type = restart_type::temporary};
//   result<address> a = co_await self().ask<start_child>(tree->child("connections"), 1s, c);
//   co_await self().ask<terminate_member>(tree->child("connections"), 6s, *a);
//
// Every child has a specification of its own, so there may be permanent ones beside temporary ones; names need not be unique, nor be there.
// A child is known by its address, which it keeps over restarts. One that ends for good is forgotten, whatever its type; so are all when
// the pool itself is restarted. Ending n of them takes as long as the slowest, not the sum.
//
// A pool answers start_child, list_children and await_children (child_spec.hpp), and terminate_member. Of its policy, `strategy` says
// nothing.
#pragma once

#include <banyan/supervision/child_spec.hpp>

#include <memory>

namespace banyan {

struct pool_options {
  supervision_policy policy = {};
  supervision_hooks hooks = {};
};

// Ends a child, in its shutdown time, for good. Error: not_found.
struct terminate_member {
  using reply = done;
  address member;
};

// Makes one pool, and its next incarnations.
class pool_factory {
 public:
  // invalid_argument with every mistake in the policy.
  static result<pool_factory> make(pool_options options);

  std::unique_ptr<actor> operator()() const;

 private:
  explicit pool_factory(std::shared_ptr<const pool_options> o) : options_{std::move(o)} {}
  std::shared_ptr<const pool_options> options_;
};

}  // namespace banyan
