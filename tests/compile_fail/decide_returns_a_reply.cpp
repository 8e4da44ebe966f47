#include "example.hpp"

using namespace compile_fail;

struct hasty {
  using command = account::command;
  using event = account::event;
  using state = account::state;
#ifdef FIXED
  static decision<hasty> decide(const state& s, const command& c, const decision_context& ctx);
#else
  static result<opened> decide(const state& s, const command& c, const decision_context& ctx);
#endif
  static void evolve(state& s, const event& e);
};

auto pattern = event_sourced<hasty>{.journal = "accounts"};
