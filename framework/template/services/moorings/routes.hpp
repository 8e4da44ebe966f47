// banyan: file http
// The routes of the HTTP API: which request a method and a path are.
#pragma once

#include <banyan/http/http_routes.hpp>

#include <vector>

namespace harbour::moorings {

std::vector<banyan::route_spec> routes();

}  // namespace harbour::moorings
