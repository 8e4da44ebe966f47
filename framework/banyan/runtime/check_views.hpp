// Whether the views of an application can be made and asked, so that SQL which does not run is found by `check` and not
// by the first start or the first request: each projection's `create` is run on an empty database in memory, and each
// query is answered there once, with a request that has no content. Of a query, only statements that can not be
// prepared are problems (a column that is not there), not what it says of such a request. Statements that it does not
// come to are not looked at, nor are those of `apply`: they need data.
#pragma once

#include <banyan/plan/plan.hpp>

#include <vector>

namespace banyan {

// A problem for each projection whose tables can not be created, and for each query with a wrong statement, with the
// database's own words.
std::vector<problem> check_views(const application& app);

}  // namespace banyan
