#include <services/pilots/routes.hpp>

#include <services/pilots/api.hpp>

namespace harbour::pilots {

std::vector<banyan::route_spec> routes() {
  return {
      banyan::query<check_pilot>("GET /pilots/{id}/check", {.summary = "Check"}),
  };
}

}  // namespace harbour::pilots
