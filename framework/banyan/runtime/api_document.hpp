// Generates the OpenAPI document of an application's routes, served as `GET /openapi.json`, from the same values that
// the edge decodes requests with.
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

// JSON text. Omits routes with a malformed pattern or a method unknown to OpenAPI, which `check` reports.
std::string api_document(const std::string& title, const std::vector<documented_route>& routes);

}  // namespace banyan
