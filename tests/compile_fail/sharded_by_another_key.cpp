#include "example.hpp"

using namespace compile_fail;

std::string charge_of(const charge& c);

#ifdef FIXED
auto pattern = sharded<account>{.entity = account_of};
#else
auto pattern = sharded<account>{.entity = charge_of};
#endif
