// The patterns of a service that is to be made: what `--with` names, and what that implies.
#pragma once

#include <banyan/core/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan::scaffold {

struct chosen_patterns {
  std::vector<std::string> names;    // in the order of all_patterns()
  std::vector<std::string> implied;  // those of `names` that were not asked for
  bool asks = false;                 // with an ambassador
  std::string peer;                  // the service that it asks; empty: not said
  bool has(std::string_view pattern) const;
};

// "event_sourcing", "sharding", "cqrs", "pub_sub", "saga", "ambassador", "circuit_breaker"
const std::vector<std::string>& all_patterns();

// Parses "cqrs,pub_sub,ambassador:catalog"; also names with '-' for '_'. sharding, cqrs, pub_sub and saga imply
// event_sourcing, which implies sharding; circuit_breaker, which is a part of a link, implies ambassador. Errors:
// invalid_argument for an unknown pattern, with a suggestion.
result<chosen_patterns> parse_patterns(std::string_view list);

}  // namespace banyan::scaffold
