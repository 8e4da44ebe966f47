#include "example.hpp"

using namespace compile_fail;

task<result<opened>> open(context<payments_api> ctx, const open_account& m);

plan describe() {
  return service<accounts_api>(handles<open>{},
#ifdef FIXED
                               ambassador<payments_api>{.breaker = circuit_breaker{.min_calls = 10}});
#else
                               ambassador<payments_api>{}, circuit_breaker{.min_calls = 10});
#endif
}
