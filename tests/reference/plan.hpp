// The plans of the reference's pages.
#pragma once

#include <banyan/plan/plan.hpp>

namespace reference {

// Every pattern once, with the defaults of its options; a link with a breaker and retries.
banyan::application describe();

// An example: patterns with options of their own.
banyan::plan credit();

}  // namespace reference
