// The OpenAPI document of an application's routes: what `GET /openapi.json` answers. Made from the same values that the edge reads requests
// with, so what it says is what the edge does.
#pragma once

#include <banyan/http/http_routes.hpp>
#include <banyan/http/request_members.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct documented_route {
  const route_spec* spec = nullptr;
  const request_members* members = nullptr;
  std::string service;
};

// JSON text. Routes whose pattern is wrong, or whose method OpenAPI does not know, are left out: `check` reports them.
std::string api_document(const std::string& title, const std::vector<documented_route>& routes);

}  // namespace banyan
