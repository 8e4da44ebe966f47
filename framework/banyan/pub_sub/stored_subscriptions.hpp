// Reads the stored state of an application's subscriptions, beside a running node or without one: checkpoints and dead
// letters. For tools that must know whether work is left, such as `shop check-books`.
//
//   auto engines = open("sqlite:shop.db", "./shop-data", true);   // read_only: nothing is taken over
//   auto all = stored_subscriptions(app, engines->ports);
#pragma once

#include <banyan/assembly/ports.hpp>
#include <banyan/core/result.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/pub_sub/delivery_store.hpp>

#include <string>
#include <vector>

namespace banyan {

struct stored_subscription {
  std::string topic, group;
  position checkpoint = 0;  // 0 also when it never ran
  std::int64_t dead = 0;  // number of dead letters
  std::vector<dead_letter> first_dead;  // at most 10, without payloads
};

// Blocks. Errors: those of the delivery stores, except not_found, which means that the subscription never ran.
result<std::vector<stored_subscription>> stored_subscriptions(const application& app, const ports& engines);

}  // namespace banyan
