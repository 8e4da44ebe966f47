#include "example.hpp"

using namespace compile_fail;

decision<account> account::decide(const state&, const command&, const decision_context&) {
#ifdef FIXED
  return accept<account>({account_opened{}}, opened{});
#else
  return accept<account>({account_opened{}}, charged{});
#endif
}
