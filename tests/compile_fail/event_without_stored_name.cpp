#include "example.hpp"

using namespace compile_fail;

struct unnamed_event {
#ifdef FIXED
  static constexpr stored_as stored{"accounts.unnamed", 1};
#endif
};
BOOST_DESCRIBE_STRUCT(unnamed_event, (), ())

struct careless {
  using command = account::command;
  using event = std::variant<unnamed_event>;
  using state = account::state;
  static decision<careless> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const event& e);
};

auto pattern = event_sourced<careless>{.journal = "accounts"};
