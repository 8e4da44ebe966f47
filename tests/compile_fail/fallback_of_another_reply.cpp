#include "example.hpp"

using namespace compile_fail;

#ifdef FIXED
auto instead = fallback<charge>([](const charge&, const error&) { return charged{}; });
#else
auto instead = fallback<charge>([](const charge&, const error&) { return 7; });
#endif
