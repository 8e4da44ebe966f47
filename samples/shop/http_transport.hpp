// The transport of the shop's command-line programs: banyan's HTTP client with one deadline for every call.
#pragma once

#include <shop/exchange.hpp>

namespace shop {

// Calls in excess of `connections` wait for one of them, within their deadline. The client lives as long as the function that is
// returned, or a copy of it.
transport http_transport(std::size_t connections, banyan::timespan deadline);

}  // namespace shop
