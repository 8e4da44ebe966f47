// The service: its patterns, each with its options.
#pragma once

#include <banyan/plan/plan.hpp>

namespace bikes {

banyan::plan describe();

}  // namespace bikes
