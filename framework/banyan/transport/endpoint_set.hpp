// The nodes that answer for a service, as they are now. Read on every call; whoever learns of a change (a static list,
// DNS, a membership) puts a new list in the place of the old one.
//
//   endpoint_set nodes{{{.node = "stock-1", .address = "10.0.0.7:7000"}}};
//   auto list = nodes.now();            // stays as it is, whatever is set meanwhile
//   nodes.set({});                      // nobody answers any more
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

struct endpoint {
  std::string node;     // its name, unique in the application
  std::string address;  // as the transport takes it: "10.0.0.7:7000"
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
