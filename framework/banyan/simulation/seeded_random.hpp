// A seeded random source: one stream per seed and purpose, so that the draws of one part of a simulation do not
// shift those of another, and removing a fault from a run changes it as little as possible. The sequence of
// mt19937_64 is fixed by the standard, unlike its distributions.
//
//   seeded_random links{seed, "links"};
//   if (links.chance(0.05)) drop();
#pragma once

#include <banyan/core/hash.hpp>
#include <banyan/core/ids.hpp>

#include <random>
#include <string_view>

namespace banyan {

class seeded_random final : public random_source {
 public:
  explicit seeded_random(std::uint64_t seed) : engine_{seed} {}
  seeded_random(std::uint64_t seed, std::string_view purpose) : engine_{seed ^ stable_hash(purpose)} {}

  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

// Common draws from a source. `n` > 0; `from` <= `to`, both inclusive.
inline std::uint64_t below(random_source& r, std::uint64_t n) { return r.next() % n; }
inline nanoseconds between(random_source& r, nanoseconds from, nanoseconds to) {
  return from + nanoseconds{static_cast<std::int64_t>(below(r, static_cast<std::uint64_t>((to - from).count()) + 1))};
}
inline bool chance(random_source& r, double share) { return static_cast<double>(r.next() >> 11) * 0x1.0p-53 < share; }

}  // namespace banyan
