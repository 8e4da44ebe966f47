// The names in a new project: which are possible, and how they replace the template's.
#pragma once

#include <banyan/core/result.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan::scaffold {

inline constexpr std::size_t longest_name = 24;

// A name becomes a namespace, a struct, a folder, a target, a path of a URL and a table of the configuration. Errors:
// invalid_argument with a sentence; `what` is "service", "application" or "aggregate".
result<void> check_name(std::string_view what, std::string_view name);

// "orders" -> "order", "deliveries" -> "delivery", "billing" -> "billing_item".
std::string aggregate_of(const std::string& service);

// The names of a service and of what is around it.
struct service_names {
  std::string application, service, aggregate;
  std::string peer = {}, peer_aggregate = {};  // the service that an ambassador asks
};

// Errors: those of check_name, and of names that would hide each other.
result<void> check_names(const service_names& names);

// The template's own words. None of them occurs in it with another meaning.
const service_names& template_names();

// Replaces the template's words by `names`, in the three forms "mooring", "Mooring" (in prose: "Stock item") and
// "MOORING". A word is a run of letters and digits: "place_mooring" has two.
std::string with_names(std::string_view text, const service_names& names);

}  // namespace banyan::scaffold
