#include "example.hpp"

using namespace compile_fail;

task<result<opened>> open_for(context<accounts_api> ctx, const charge&) {
#ifdef FIXED
  open_account request{"an id"};
  co_return co_await ctx.ask<accounts_api, open_account>(give(request));
#else
  co_return co_await ctx.ask<accounts_api, open_account>(give(open_account{"an id"}));
#endif
}
