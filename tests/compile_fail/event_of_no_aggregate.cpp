#include "example.hpp"

using namespace compile_fail;

struct account_closed {
  static constexpr stored_as stored{"accounts.closed", 1};
};

decision<account> account::decide(const state&, const command&, const decision_context&) {
#ifdef FIXED
  return accept<account>({account_opened{}}, opened{});
#else
  return accept<account>({account_opened{}, account_closed{}}, opened{});
#endif
}
