#include "example.hpp"

using namespace compile_fail;

struct silent {
  using command = account::command;
  using event = account::event;
  using state = account::state;
#ifdef FIXED
  static decision<silent> decide(const state& s, const command& c, const decision_context& ctx);
#endif
  static void evolve(state& s, const event& e);
};

auto pattern = event_sourced<silent>{.journal = "accounts"};
