#include "example.hpp"

using namespace compile_fail;

task<result<charged>> pay(context<payments_api> ctx, const open_account&) {
#ifdef FIXED
  co_return co_await ctx.ask<payments_api, charge>();
#else
  co_return co_await ctx.ask<payments_api, refund>();
#endif
}
