#include "example.hpp"

using namespace compile_fail;

struct owned_state {
  std::string owner;
};
#ifdef FIXED
BOOST_DESCRIBE_STRUCT(owned_state, (), (owner))
#endif

struct careless {
  using command = account::command;
  using event = account::event;
  using state = owned_state;
  static decision<careless> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const event& e);
};

plan describe() { return service<accounts_api>(event_sourced<careless>{.journal = "accounts"}); }
