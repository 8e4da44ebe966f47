#include "example.hpp"

using namespace compile_fail;

#ifdef FIXED
auto pattern = sharded<account>{.entity = account_of, .shards = 16};
#else
auto pattern = sharded<account>{.shards = 16};
#endif
