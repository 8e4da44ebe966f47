// The services of this program.
#pragma once

#include <banyan/plan/plan.hpp>

namespace harbour {

banyan::application describe();

}  // namespace harbour
