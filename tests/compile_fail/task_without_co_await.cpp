#include "example.hpp"

using namespace compile_fail;

task<void> pay(context<payments_api> ctx);

task<result<done>> open(context<payments_api> ctx, const open_account&) {
#ifdef FIXED
  co_await pay(ctx);
#else
  pay(ctx);
#endif
  co_return done{};
}
