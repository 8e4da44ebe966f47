// The faults that the shop must stand.
#pragma once

#include <banyan/simulation/faults.hpp>

#include <cstddef>
#include <vector>

namespace shop_test {

using banyan::fault_kind;
using banyan::fault_kinds;

// Every kind but `oversized`: that a journal finds what a step writes too large, and later not, is no fault of this
// world. To a saga it is its service's last word.
inline std::vector<fault_kind> faults_of_a_shop() {
  std::vector<fault_kind> kinds;
  for (std::size_t k = 0; k < fault_kinds; ++k)
    if (const auto kind = static_cast<fault_kind>(k); kind != fault_kind::oversized) kinds.push_back(kind);
  return kinds;
}

}  // namespace shop_test
