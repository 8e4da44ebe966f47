// When each request of a load run is meant to start, and what kind it is: fixed before the run, so that a slow server cannot slow
// its own load down (an open loop), and the same for the same seed.
//
// The starts are `rate * seconds` instants drawn uniformly over the run and sorted: a Poisson process whose number of arrivals is known.
//
//   auto mix = shop::parse_mix("browse=80,order=20");
//   auto plan = shop::make_schedule(200.0, 30s, *mix, 42);
//   for (auto& a : *plan) ...   // a.at since the start of the run, a.kind an index into the mix
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

struct mix_part {
  std::string kind;
  double weight = 0;  // relative to the sum of the parts
};

// "browse=80,order=20". Errors: invalid_argument for an empty or repeated name, a weight that is no number in [0, 10^6], or weights that
// sum to zero.
banyan::result<std::vector<mix_part>> parse_mix(std::string_view text);

struct arrival {
  banyan::nanoseconds at{0};
  std::uint32_t kind = 0;
};

// Errors: invalid_argument when rate or span is not positive, or over ten million requests are asked for.
banyan::result<std::vector<arrival>> make_schedule(double rate, banyan::timespan span, const std::vector<mix_part>& mix,
                                                   std::uint64_t seed);

}  // namespace shop
