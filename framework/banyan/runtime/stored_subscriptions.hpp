// What the subscriptions of an application have stored in a data folder, read beside a running node or without one:
// how far each has come, and what it gave up. For tools that must know whether work is left, such as `shop
// check-books`.
//
//   auto all = stored_subscriptions(app, "./shop-data");
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/pub_sub/dead_letters.hpp>

#include <string>
#include <vector>

namespace banyan {

struct stored_subscription {
  std::string topic, group;
  position checkpoint = 0;  // 0, too, when it never ran
  std::int64_t dead = 0;
  std::vector<dead_letter> first_dead;  // at most 10, without payloads
};

// Reads only; nothing is locked for the node. Errors: those of the engine, with the file.
result<std::vector<stored_subscription>> stored_subscriptions(const application& app, const std::string& data_folder);

}  // namespace banyan
