// banyan: file !http
// Routes for the tests of a service that has none.
#pragma once

#include <services/moorings/api.hpp>

#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>

namespace harbour::moorings {

struct test_api {
  static constexpr std::string_view name = "test";
  using operations = banyan::operations<>;
};

inline banyan::plan test_routes() {
  std::vector<banyan::route_spec> routes{
      // banyan: begin event_sourcing
      banyan::command<place_mooring>("POST /moorings", {.success = 201}),
      // banyan: end event_sourcing
      // banyan: begin cqrs
      banyan::query<get_mooring>("GET /moorings/{id}"),
      // banyan: end cqrs
      // banyan: begin saga
      banyan::command<arrange_mooring>("POST /moorings/{id}/arrange"),
      // banyan: end saga
      // banyan: begin ambassador
      banyan::query<review_mooring>("GET /moorings/{id}/review"),
      // banyan: end ambassador
      banyan::query<check_mooring>("GET /moorings/{id}/check"),
  };
  return banyan::service<test_api>(banyan::http_routes{.routes = std::move(routes)});
}

}  // namespace harbour::moorings
