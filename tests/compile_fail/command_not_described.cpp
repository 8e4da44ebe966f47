#include "example.hpp"

using namespace compile_fail;

struct close_account {
  using reply = opened;
  std::string id;
};
#ifdef FIXED
BOOST_DESCRIBE_STRUCT(close_account, (), (id))
#endif

struct careless {
  using command = std::variant<close_account>;
  using event = account::event;
  using state = account::state;
  static decision<careless> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const event& e);
};

plan describe() { return service<accounts_api>(event_sourced<careless>{.journal = "accounts"}); }
