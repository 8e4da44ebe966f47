#include "example.hpp"

using namespace compile_fail;

#ifdef FIXED
task<result<charged>> pay(context<payments_api> ctx, const open_account&) {
#else
task<result<charged>> pay(context<> ctx, const open_account&) {
#endif
  co_return co_await ctx.ask<payments_api, charge>();
}
