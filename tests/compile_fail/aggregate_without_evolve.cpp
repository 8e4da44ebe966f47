#include "example.hpp"

using namespace compile_fail;

struct forgetful {
  using command = account::command;
  using event = account::event;
  using state = account::state;
  static decision<forgetful> decide(const state& s, const command& c, const decision_context& ctx);
#ifdef FIXED
  static void evolve(state& s, const event& e);
#endif
};

auto pattern = event_sourced<forgetful>{.journal = "accounts"};
