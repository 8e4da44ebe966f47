#include "example.hpp"

using namespace compile_fail;

struct close_account {
#ifdef FIXED
  using reply = opened;
#endif
  std::string id;
};
BOOST_DESCRIBE_STRUCT(close_account, (), (id))

struct careless {
  using command = std::variant<close_account>;
  using event = account::event;
  using state = account::state;
  static decision<careless> decide(const state&, const command&, const decision_context&) {
    return refuse("closed", "it is closed");
  }
  static void evolve(state& s, const event& e);
};

auto pattern = event_sourced<careless>{.journal = "accounts"};
