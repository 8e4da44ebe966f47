// The service as an application, for its tests.
#pragma once

// banyan: begin ambassador
#include <services/pilots/service.hpp>
// banyan: end ambassador
// banyan: begin !http
// #include <tests/services/moorings/test_routes.hpp>
// banyan: end !http

#include <services/moorings/service.hpp>

namespace harbour::moorings {

inline banyan::application under_test() {
  banyan::application app{"moorings_test", {}};
  app.services.push_back(describe());
  // banyan: begin ambassador
  app.services.push_back(pilots::describe());
  // banyan: end ambassador
  // banyan: begin !http
  // app.services.push_back(test_routes());
  // banyan: end !http
  return app;
}

}  // namespace harbour::moorings
