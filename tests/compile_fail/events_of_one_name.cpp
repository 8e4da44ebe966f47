#include "example.hpp"

using namespace compile_fail;

struct account_closed {
#ifdef FIXED
  static constexpr stored_as stored{"accounts.closed", 1};
#else
  static constexpr stored_as stored{"accounts.opened", 1};
#endif
};
BOOST_DESCRIBE_STRUCT(account_closed, (), ())

struct careless {
  using command = account::command;
  using event = std::variant<account_opened, account_closed>;
  using state = account::state;
  static decision<careless> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const event& e);
};

auto pattern = event_sourced<careless>{.journal = "accounts"};
