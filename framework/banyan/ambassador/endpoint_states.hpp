// State per endpoint that survives changes of the list: what is known of an endpoint (load, ejection, breaker) is
// kept by its name while it is in the list.
//
//   endpoint_states<my_state> known{[](const endpoint& e) { return std::make_shared<my_state>(e); }};
//   known.update(nodes.now());      // when the list has changed: makes states for new names
//   auto snapshot = known.list();   // immutable: shared_ptr<const vector<shared_ptr<my_state>>>
//
// An endpoint whose address changed keeps its state only if `State` takes it by `moved(endpoint)`; otherwise the
// state is made anew, since another process may answer there. A name that occurs twice is taken once.
//
// Thread-safe. A snapshot keeps its states alive, so attempts under way end on the state they began with.
#pragma once

#include <banyan/transport/endpoint_set.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace banyan {

template <class State>
class endpoint_states {
 public:
  using state_ptr = std::shared_ptr<State>;
  using states = std::vector<state_ptr>;
  using maker = std::function<state_ptr(const endpoint&)>;

  explicit endpoint_states(maker make) : make_{std::move(make)}, now_{std::make_shared<const states>()} {}

  // Returns whether the list differs from the previous one. The order is that of `list`.
  bool update(const std::shared_ptr<const endpoint_list>& list) {
    const std::lock_guard lock{mutex_};
    if (list == from_ || (from_ && *list == *from_)) return false;
    std::unordered_map<std::string, known> next;
    auto order = std::make_shared<states>();
    for (const auto& e : *list) {
      if (next.contains(e.node)) continue;
      const auto old = by_name_.find(e.node);
      const bool same = old != by_name_.end() && (old->second.where == e || moves(*old->second.state, e));
      auto state = same ? old->second.state : make_(e);
      order->push_back(state);
      next.emplace(e.node, known{e, std::move(state)});
    }
    by_name_ = std::move(next);
    from_ = list;
    now_ = std::move(order);
    return true;
  }
  std::shared_ptr<const states> list() const {
    const std::lock_guard lock{mutex_};
    return now_;
  }

 private:
  struct known {
    endpoint where;
    state_ptr state;
  };
  static bool moves(State& s, const endpoint& to) {
    if constexpr (requires { s.moved(to); }) {
      s.moved(to);
      return true;
    } else {
      return false;
    }
  }
  mutable std::mutex mutex_;
  maker make_;
  std::shared_ptr<const endpoint_list> from_;
  std::unordered_map<std::string, known> by_name_;
  std::shared_ptr<const states> now_;
};

}  // namespace banyan
