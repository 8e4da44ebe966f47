// Chooses the endpoint of an attempt.
//
//   balancer choice{{.by = balancing::p2c}};
//   auto at = choice.choose(list, usable, random, key, now);    // index into list; none: no endpoint is usable
//
// `list` is any random-access range whose elements have `const endpoint_load& load` and `std::uint64_t name_hash`
// (balanced_endpoint below), or dereference to such; `usable(i)` says whether the i-th may be chosen: not ejected,
// its breaker not open, not tried by this call before.
//
//   p2c              two different endpoints drawn at random, the cheaper one (endpoint_load.hpp) is taken. Does not
//                    starve: the cost of an endpoint that is not chosen falls with time. Mitzenmacher, The Power of Two
//                    Choices (2001)
//   round_robin      each in turn
//   consistent_hash  calls of the same key go to the same endpoint (rendezvous hashing), unless that has more than
//                    `load_bound` times the mean of calls in flight; then to the next one of that key's order. When an
//                    endpoint is added or removed, only its own keys move
//
// Thread-safe: state is one atomic counter. No allocation; linear in the number of endpoints where some are not
// usable, and for consistent_hash.
#pragma once

#include <banyan/ambassador/endpoint_load.hpp>
#include <banyan/core/hash.hpp>
#include <banyan/core/ids.hpp>

#include <boost/describe/enum.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace banyan {

enum class balancing : std::uint8_t { p2c, round_robin, consistent_hash };
BOOST_DESCRIBE_ENUM(balancing, p2c, round_robin, consistent_hash)
std::string_view to_string(balancing b);

struct balancer_options {
  balancing by = balancing::p2c;
  double load_bound = 1.25;  // consistent_hash: an endpoint's share of calls in flight over the mean
  friend bool operator==(const balancer_options&, const balancer_options&) = default;
};

// What the balancer needs to know of an endpoint.
struct balanced_endpoint {
  explicit balanced_endpoint(std::string_view name) : name_hash{stable_hash(name)} {}
  const std::uint64_t name_hash;
  endpoint_load load;
};

class balancer {
 public:
  explicit balancer(balancer_options options = {}) : options_{options} {}

  // `key`: stable_hash() of the call's key; for consistent_hash only.
  template <class List, class Usable>
  std::optional<std::size_t> choose(const List& list, Usable usable, random_source& random, std::uint64_t key,
                                    monotonic now) const;
  const balancer_options& options() const { return options_; }

 private:
  balancer_options options_;
  mutable std::atomic<std::uint32_t> turn_{0};
};

}  // namespace banyan
