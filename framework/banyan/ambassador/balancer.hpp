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
  balancing by = balancing::p2c;  // p2c, round_robin or consistent_hash
  double load_bound = 1.25;  // consistent_hash: an endpoint's share of calls in flight over the mean
  friend bool operator==(const balancer_options&, const balancer_options&) = default;
};

// What the balancer needs to know of an endpoint.
struct balanced_endpoint {
  explicit balanced_endpoint(std::string_view name) : name_hash{stable_hash(name)} {}
  const std::uint64_t name_hash;
  endpoint_load load;
};

namespace detail {
inline const auto& endpoint_of(const auto& e) {
  if constexpr (requires { e.load; })
    return e;
  else
    return *e;
}
std::uint64_t affinity(std::uint64_t endpoint, std::uint64_t key);  // rendezvous hashing: the highest one is chosen
// The most calls in flight that one of `endpoints` may have, when there are `calls` and one more.
std::int64_t bounded_share(std::int64_t calls, std::size_t endpoints, double bound);
}  // namespace detail

class balancer {
 public:
  explicit balancer(balancer_options options = {}) : options_{options} {}

  // `key`: stable_hash() of the call's key; for consistent_hash only.
  template <class List, class Usable>
  std::optional<std::size_t> choose(const List& list, Usable usable, random_source& random, std::uint64_t key,
                                    monotonic now) const {
    switch (options_.by) {
      case balancing::p2c: return choose_p2c(list, usable, random, now);
      case balancing::round_robin: return choose_next(list, usable);
      case balancing::consistent_hash: return choose_by_key(list, usable, key);
    }
    return {};
  }
  const balancer_options& options() const { return options_; }

 private:
  static constexpr std::size_t none = SIZE_MAX;

  template <class List, class Usable>
  static std::optional<std::size_t> choose_p2c(const List& list, Usable& usable, random_source& random,
                                               monotonic now) {
    const auto cheaper = [&](std::size_t a, std::size_t b) {
      return detail::endpoint_of(list[b]).load.cost(now) < detail::endpoint_of(list[a]).load.cost(now) ? b : a;
    };
    const auto [a, b] = draw_two(list.size(), random.next());
    if (a == none) return {};
    if (b == none) return usable(a) ? std::optional{a} : std::nullopt;
    if (usable(a) && usable(b)) return cheaper(a, b);
    // Some are not usable: draw among the others.
    const auto [c, d] = draw_two(count(list.size(), usable), random.next());
    if (c == none) return {};
    const auto first = nth(list.size(), usable, c);
    if (d == none) return first;
    const auto second = nth(list.size(), usable, d);
    // Whether one is usable may have changed in between.
    if (first && second) return cheaper(*first, *second);
    return first ? first : second;
  }

  template <class List, class Usable>
  std::optional<std::size_t> choose_next(const List& list, Usable& usable) const {
    const auto n = count(list.size(), usable);
    if (n == 0) return {};
    return nth(list.size(), usable, turn_.fetch_add(1, std::memory_order_relaxed) % n);
  }

  template <class List, class Usable>
  std::optional<std::size_t> choose_by_key(const List& list, Usable& usable, std::uint64_t key) const {
    std::int64_t calls = 0;
    std::size_t endpoints = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!usable(i)) continue;
      calls += detail::endpoint_of(list[i]).load.in_flight();
      ++endpoints;
    }
    if (endpoints == 0) return {};
    const auto most = detail::bounded_share(calls, endpoints, options_.load_bound);
    std::optional<std::size_t> best;
    std::uint64_t best_affinity = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto& e = detail::endpoint_of(list[i]);
      if (e.load.in_flight() >= most || !usable(i)) continue;
      const auto a = detail::affinity(e.name_hash, key);
      if (!best || a > best_affinity) {
        best = i;
        best_affinity = a;
      }
    }
    return best ? best : nth(list.size(), usable, 0);  // calls began in between
  }

  struct two {
    std::size_t first, second;
  };
  // Two different numbers below n; `none` for what there is not.
  static two draw_two(std::size_t n, std::uint64_t bits) {
    if (n < 2) return {n == 0 ? none : 0, none};
    const auto below = [](std::uint64_t half, std::size_t limit) {
      return static_cast<std::size_t>((half * limit) >> 32);
    };
    const auto a = below(bits & 0xffff'ffff, n);
    const auto b = below(bits >> 32, n - 1);
    return {a, b + (b >= a ? 1 : 0)};
  }
  template <class Usable>
  static std::size_t count(std::size_t n, Usable& usable) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < n; ++i) found += usable(i) ? 1 : 0;
    return found;
  }
  // The index of the `nth` usable one, from 0; of the last one, when there are fewer by now.
  template <class Usable>
  static std::optional<std::size_t> nth(std::size_t n, Usable& usable, std::size_t which) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < n; ++i) {
      if (!usable(i)) continue;
      found = i;
      if (which-- == 0) break;
    }
    return found;
  }

  balancer_options options_;
  mutable std::atomic<std::uint32_t> turn_{0};
};

}  // namespace banyan
