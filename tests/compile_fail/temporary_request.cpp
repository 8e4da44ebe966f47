#include "example.hpp"

using namespace compile_fail;

task<result<opened>> open_for(context<accounts_api> ctx, const charge&) {
  std::string customer = "a customer";
#ifdef FIXED
  open_account request{customer};
  (void)co_await ctx.ask<accounts_api, open_account>(request);
  (void)co_await ctx.ask<accounts_api, open_account>(give(request));
  co_return co_await ctx.ask<accounts_api, open_account>(customer);
#else
  co_return co_await ctx.ask<accounts_api, open_account>(open_account{customer});
#endif
}
