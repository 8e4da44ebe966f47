#include "example.hpp"

using namespace compile_fail;

#ifdef FIXED
auto pattern = event_sourced<account>{.journal = "accounts", .snapshot_every = 50};
#else
auto pattern = event_sourced<account>{.snapshot_every = 50};
#endif
