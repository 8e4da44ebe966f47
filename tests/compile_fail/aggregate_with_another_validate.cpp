#include "example.hpp"

using namespace compile_fail;

struct hasty {
  using command = account::command;
  using event = account::event;
  using state = account::state;
#ifdef FIXED
  static result<void> validate(const command& c);
#else
  static result<void> validate(const state& s, const command& c);
#endif
  static decision<hasty> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const event& e);
};

auto pattern = event_sourced<hasty>{.journal = "accounts"};
