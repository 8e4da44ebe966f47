// A supervisor of a script as its pure core, with what is known of its children.
#pragma once

#include <banyan/supervision/pool_strategy.hpp>

#include <tests/framework/supervision/otp/script.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banyan::test::otp {

struct group;
struct kid {
  node spec;
  std::unique_ptr<group> below = {};
};
struct group {
  explicit group(const node& n, group* a = nullptr, std::size_t number = 0) : spec{n}, above{a}, place{number} {
    std::vector<child_policy> children;
    for (const auto& c : n.children) children.push_back(c.as_child());
    if (n.is_pool()) {
      pool.emplace(n.policy());
      return;
    }
    core.emplace(n.policy(), children);
    for (std::size_t i = 0; i < n.children.size(); ++i) kids.emplace(i, kid{n.children[i]});
  }
  // Both cores speak of the same things.
  template <class F>
  auto with(F f) {
    return pool ? f(*pool) : f(*core);
  }
  child_actions shut_down(moment at) {
    return with([&](auto& c) { return c.shut_down(false, at); });
  }
  child_state state_of(std::size_t number) {
    return with([&](auto& c) { return c.state_of(number); });
  }
  std::size_t number_of(const std::string& name) {
    for (auto& [number, k] : kids)
      if (k.spec.name == name && state_of(number) != child_state::gone) return number;
    return ~std::size_t{0};
  }

  node spec;
  group* above;
  std::size_t place;
  std::optional<strategy> core;
  std::optional<pool_strategy> pool;
  std::map<std::size_t, kid> kids;
  bool is_over = false;
};

}  // namespace banyan::test::otp
