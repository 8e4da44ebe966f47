// A timer queue: tokens ordered by due time. Pure.
#pragma once

#include <banyan/core/time.hpp>

#include <cstddef>
#include <map>
#include <optional>

namespace banyan {

class waits {
 public:
  void add(monotonic due, std::size_t token) { all_.emplace(due, token); }
  std::optional<monotonic> next() const { return all_.empty() ? std::nullopt : std::optional{all_.begin()->first}; }
  // Removes and returns the token due first; nothing when none is due.
  std::optional<std::size_t> take(monotonic now) {
    if (all_.empty() || all_.begin()->first > now) return {};
    return all_.extract(all_.begin()).mapped();
  }

 private:
  std::multimap<monotonic, std::size_t> all_;
};

}  // namespace banyan
