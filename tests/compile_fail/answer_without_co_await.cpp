#include "example.hpp"

using namespace compile_fail;

task<result<charged>> pay(context<payments_api> ctx, const open_account&) {
#ifdef FIXED
  result<charged> paid = co_await ctx.ask<payments_api, charge>();
#else
  result<charged> paid = ctx.ask<payments_api, charge>();
#endif
  co_return paid;
}
