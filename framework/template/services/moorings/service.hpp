// The service: its patterns, each with its options.
#pragma once

#include <banyan/plan/plan.hpp>

namespace harbour::moorings {

banyan::plan describe();

}  // namespace harbour::moorings
