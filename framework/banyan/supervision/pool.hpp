// A pool: a supervisor of many independent children that come and go (OTP: simple_one_for_one; Elixir:
// DynamicSupervisor).
//
// Use it for connections, jobs, sessions: children started on request. For the parts of a service, known in advance
// and dependent on each other, use supervisor.hpp. A pool is itself a child there, with shutdown = wait_forever.
//
//   auto connections = pool_factory::make({.policy = {.backoff = no_backoff, .limit = intensity{.restarts = 100, .within = 1s}}});
//   auto tree = supervisor_factory::make({.children = {{.name = "connections", .make = *connections, .shutdown = wait_forever}}});
//   ...
//   child_spec c{.make = [=] { return std::make_unique<connection>(socket); }, .type = restart_type::temporary};
//   result<address> a = co_await self().ask<start_child>(tree->child("connections"), 1s, c);
//   co_await self().ask<terminate_member>(tree->child("connections"), 6s, *a);
//
// Every child has its own specification, so permanent and temporary ones may be mixed; names are optional and need
// not be unique. A child is identified by its address, which it keeps over restarts. One that ends for good is
// removed, whatever its type; a restart of the pool removes all. Ending n children takes as long as the slowest, not
// the sum.
//
// Messages: start_child, list_children and await_children (child_spec.hpp), and terminate_member. The policy's
// `strategy` is ignored.
#pragma once

#include <banyan/supervision/child_spec.hpp>

#include <memory>

namespace banyan {

struct pool_options {
  supervision_policy policy = {};
  supervision_hooks hooks = {};
};

// Ends a child for good, within its shutdown time. Errors: not_found.
struct terminate_member {
  using reply = done;
  address member;
};

// Makes a pool and its next incarnations.
class pool_factory {
 public:
  // Errors: invalid_argument with every mistake of the policy.
  static result<pool_factory> make(pool_options options);

  std::unique_ptr<actor> operator()() const;

 private:
  explicit pool_factory(std::shared_ptr<const pool_options> o) : options_{std::move(o)} {}
  std::shared_ptr<const pool_options> options_;
};

}  // namespace banyan
