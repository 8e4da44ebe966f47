#include <services/pilots/service.hpp>

#include <services/pilots/routes.hpp>

#include <services/pilots/pilot_check.hpp>

#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/supervision/supervised.hpp>

namespace harbour::pilots {

banyan::plan describe() {
  using namespace std::chrono_literals;
  return banyan::service<pilots_api>(
      // Answers without state.
      banyan::handles<check>{},
      // The routes of the edge.
      banyan::http_routes{.routes = routes()},
      // A part that crashes is restarted alone.
      banyan::supervised{.strategy = banyan::restart::one_for_one});
}

}  // namespace harbour::pilots
