#include "example.hpp"

#include <banyan/pub_sub/pub_sub.hpp>

using namespace compile_fail;

#ifdef FIXED
task<result<done>> follow(context<> ctx, const account_opened& e);
#else
task<result<done>> follow(context<> ctx, const open_account& e);
#endif
auto pattern = subscribes<follow>{.topic = "accounts.opened"};
