#include "example.hpp"

using namespace compile_fail;

task<result<opened>> open(context<payments_api> ctx, const open_account& m);

plan describe() {
  return service<accounts_api>(
#ifdef FIXED
      ambassador<payments_api>{.deadline = 800ms},
#endif
      handles<open>{});
}
