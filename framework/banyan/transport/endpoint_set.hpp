// The nodes that currently answer for a service. Read on every call; the source of changes (a static list, DNS, a
// membership protocol) replaces the list.
//
//   endpoint_set nodes{{{.node = "stock-1", .address = "10.0.0.7:7000"}}};
//   auto list = nodes.now();            // an immutable snapshot
//   nodes.set({});                      // no node answers any more
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

struct endpoint {
  std::string node;     // name of the node, unique in the application
  std::string address;  // address for the transport: "10.0.0.7:7000"
  friend bool operator==(const endpoint&, const endpoint&) = default;
};
using endpoint_list = std::vector<endpoint>;

class endpoint_set {
 public:
  endpoint_set() : endpoint_set{endpoint_list{}} {}
  explicit endpoint_set(endpoint_list first) : now_{std::make_shared<const endpoint_list>(std::move(first))} {}

  std::shared_ptr<const endpoint_list> now() const {
    const std::lock_guard lock{mutex_};
    return now_;
  }
  void set(endpoint_list next) {
    auto made = std::make_shared<const endpoint_list>(std::move(next));
    const std::lock_guard lock{mutex_};
    now_.swap(made);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const endpoint_list> now_;
};

}  // namespace banyan
