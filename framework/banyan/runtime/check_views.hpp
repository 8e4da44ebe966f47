// Whether the views of an application can be made: each projection's `create` is run on an empty database in memory, so that SQL which does
// not run is found by `check` and not at the first start. Statements of `apply` and `answer` are not run: they need data.
#pragma once

#include <banyan/plan/plan.hpp>

#include <vector>

namespace banyan {

// A problem for each projection whose tables can not be created, with the database's own words.
std::vector<problem> check_views(const application& app);

}  // namespace banyan
