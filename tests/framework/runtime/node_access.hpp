// What tests of a running node hand in and look at: engines, views, subscriptions, operator commands.
#pragma once

#include <banyan/cqrs/running_view.hpp>
#include <banyan/engines/sqlite/delivery_store.hpp>
#include <banyan/pub_sub/running_subscription.hpp>
#include <banyan/runtime/node.hpp>

#include <stdexcept>

namespace banyan::test {

using view_opener = std::function<result<std::unique_ptr<view_store>>(const view_options&)>;

// The journal must outlive the node.
inline engines standing_on(banyan::journal& j, journal_history history, view_opener open_view) {
  engines e{.history = std::move(history)};
  e.ports.provide<banyan::journal>([&j](const auto&) -> result<std::shared_ptr<banyan::journal>> {
    return std::shared_ptr<banyan::journal>{std::shared_ptr<void>{}, &j};
  });
  e.ports.provide<view_store>([open_view = std::move(open_view)](const view_options& v) -> result<std::shared_ptr<view_store>> {
    auto store = open_view(v);
    if (!store) return store.error();
    return std::move(*store);
  });
  return e;
}

// So must the disk, which has all of its stores.
inline engines standing_on(banyan::journal& j, journal_history history, memory_view_disk& disk) {
  auto e =
      standing_on(j, std::move(history), [&disk](const view_options& v) { return open_memory_view_store(disk, v); });
  e.ports.provide<delivery_store>([&disk](const delivery_options& of) -> result<std::shared_ptr<delivery_store>> {
    return std::shared_ptr<delivery_store>{open_memory_delivery_store(disk, of).value()};
  });
  return e;
}

inline const running_view& view_of(const node& n, const std::string& name) { return *n.installed().find<running_view>(name); }
inline const running_subscription& subscription_of(const node& n, const std::string& topic, const std::string& group) {
  return *n.installed().find<running_subscription>(topic + "/" + group);
}

// Runs the command of this path pattern.
inline void operate(const node& n, const std::string& path, operator_request r, completion<std::string> done) {
  for (const auto& c : n.installed().commands())
    if (c.path == path) return c.run(r, std::move(done));
  throw std::invalid_argument{"no command " + path};
}

}  // namespace banyan::test
