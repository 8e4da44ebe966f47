#include "example.hpp"

using namespace compile_fail;

#ifdef FIXED
auto pattern = ambassador<payments_api>{.deadline = 800ms};
#else
auto pattern = ambassador<payments_api>{.dedline = 800ms};
#endif
