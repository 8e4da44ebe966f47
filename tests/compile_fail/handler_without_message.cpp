#include "example.hpp"

using namespace compile_fail;

#ifdef FIXED
result<opened> open(context<> ctx, const open_account& m);
#else
result<opened> open(const open_account& m);
#endif
auto pattern = handles<open>{};
