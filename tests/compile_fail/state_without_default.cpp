#include "example.hpp"

using namespace compile_fail;

struct owned_state {
#ifdef FIXED
  std::string owner;
#else
  explicit owned_state(std::string by) : owner{std::move(by)} {}
  std::string owner;
#endif
};
BOOST_DESCRIBE_STRUCT(owned_state, (), (owner))

struct owned {
  using command = account::command;
  using event = account::event;
  using state = owned_state;
  static decision<owned> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const event& e);
};

auto pattern = event_sourced<owned>{.journal = "accounts"};
