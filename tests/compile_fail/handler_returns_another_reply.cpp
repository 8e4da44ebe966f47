#include "example.hpp"

using namespace compile_fail;

#ifdef FIXED
task<result<opened>> open(context<> ctx, const open_account& m);
#else
task<result<charged>> open(context<> ctx, const open_account& m);
#endif
auto pattern = handles<open>{};
