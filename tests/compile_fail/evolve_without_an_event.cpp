#include "example.hpp"

using namespace compile_fail;

struct account_closed {
  static constexpr stored_as stored{"accounts.closed", 1};
};
BOOST_DESCRIBE_STRUCT(account_closed, (), ())

struct forgetful {
  using command = account::command;
  using event = std::variant<account_opened, account_closed>;
  using state = account::state;
  static decision<forgetful> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const account_opened& e);
#ifdef FIXED
  static void evolve(state& s, const account_closed& e);
#endif
};

auto pattern = event_sourced<forgetful>{.journal = "accounts"};
