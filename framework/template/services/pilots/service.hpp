// The service: its patterns, each with its options.
#pragma once

#include <banyan/plan/plan.hpp>

namespace harbour::pilots {

banyan::plan describe();

}  // namespace harbour::pilots
