#include <banyan/http/http_routes.hpp>

namespace banyan {

void http_routes::contribute(plan& p) const {
  for (auto& r : *routes) {
    auto spec = p.add<route_spec>("http_route", r.name.empty() ? r.operation : r.name, phase::edge);
    *spec = r;
    spec.option("max_in_flight", &route_spec::max_in_flight, {.min = 0, .max = 1e6});
    spec.fact(r.is_command ? "command" : "query", r.pattern).read_by("the edge");
  }
}

}  // namespace banyan
