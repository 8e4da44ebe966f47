// What the subscriptions of an application have stored, read beside a running node or without one: how far each has come, and what it gave up.
// For tools that must know whether work is left, such as `shop check-books`.
//
//   auto all = stored_subscriptions(app, [&](const view_options& v, const auto& body) {
//     return read_sqlite_view({.view = v, .folder = "./shop-data/views"}, body);
//   });
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/pub_sub/dead_letters.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banyan {

struct stored_subscription {
  std::string topic, group;
  position checkpoint = 0;  // 0, too, when it never ran
  std::int64_t dead = 0;
  std::vector<dead_letter> first_dead;  // at most 10, without payloads
};

// Runs `body` on what is stored of a view, and answers its checkpoint; not_found when nothing is.
using stored_view_reader = std::function<result<position>(const view_options&, const std::function<void(view_reader&)>& body)>;

// Errors: those of `read`.
result<std::vector<stored_subscription>> stored_subscriptions(const application& app, const stored_view_reader& read);

}  // namespace banyan
