#include "example.hpp"

using namespace compile_fail;

#ifdef FIXED
auto pattern = ambassador<payments_api>{};
#else
auto pattern = ambassador<charge>{};
#endif
