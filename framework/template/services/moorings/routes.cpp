// banyan: file http
#include <services/moorings/routes.hpp>

#include <services/moorings/api.hpp>

namespace harbour::moorings {

std::vector<banyan::route_spec> routes() {
  return {
      // banyan: begin event_sourcing
      banyan::command<place_mooring>("POST /moorings", {.success = 201}),
      banyan::command<confirm_mooring>("POST /moorings/{id}/confirm", {.summary = "Confirm"}),
      // banyan: end event_sourcing
      // banyan: begin cqrs
      banyan::query<get_mooring>("GET /moorings/{id}", {.summary = "By id"}),
      banyan::query<list_moorings>("GET /moorings", {.summary = "All, by id"}),
      // banyan: end cqrs
      // banyan: begin saga
      banyan::command<arrange_mooring>("POST /moorings/{id}/arrange", {.summary = "Arrange"}),
      // banyan: end saga
      // banyan: begin ambassador
      banyan::query<review_mooring>("GET /moorings/{id}/review", {.summary = "Review"}),
      // banyan: end ambassador
      banyan::query<check_mooring>("GET /moorings/{id}/check", {.summary = "Check"}),
  };
}

}  // namespace harbour::moorings
