#include "example.hpp"

#include <banyan/core/money.hpp>

using namespace compile_fail;

struct pay {
  using reply = charged;
  std::string customer;
  money price;
};
struct till_api {
  static constexpr std::string_view name = "till";
  using operations = banyan::operations<op<pay>>;
};

task<result<charged>> pay_for(context<till_api> ctx, const charge&) {
#ifdef FIXED
  const money price{1999, "GBP"};
  co_return co_await ctx.ask<till_api, pay>("a customer", price);
#else
  co_return co_await ctx.ask<till_api, pay>("a customer", money{1999, "GBP"});
#endif
}
