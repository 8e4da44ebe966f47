#include "example.hpp"

using namespace compile_fail;

task<result<opened>> open_for(context<accounts_api> ctx, const charge&) {
#ifdef FIXED
  co_return co_await ctx.ask<accounts_api, open_account>("an id");
#else
  co_return co_await ctx.ask<accounts_api, open_account>("an id", 5);
#endif
}
