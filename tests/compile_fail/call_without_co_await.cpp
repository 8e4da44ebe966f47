#include "example.hpp"

using namespace compile_fail;

task<result<done>> pay(context<payments_api> ctx, const open_account&) {
#ifdef FIXED
  (void)co_await ctx.ask<payments_api, charge>();
#else
  ctx.ask<payments_api, charge>();
#endif
  co_return done{};
}
