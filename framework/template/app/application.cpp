#include <app/application.hpp>

// banyan: begin service
#include <services/moorings/service.hpp>
// banyan: end service
// banyan: begin template
#include <services/pilots/service.hpp>
// banyan: end template

namespace harbour {

banyan::application describe() {
  banyan::application app{"harbour", {}};
  // banyan: begin service
  app.services.push_back(moorings::describe());
  // banyan: end service
  // banyan: begin template
  app.services.push_back(pilots::describe());
  // banyan: end template
  return app;
}

}  // namespace harbour
