// What the cases have in common: an aggregate that is right, and two APIs. Not a case itself.
#pragma once

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>

namespace compile_fail {

using namespace banyan;
using namespace std::chrono_literals;

struct opened {};
BOOST_DESCRIBE_STRUCT(opened, (), ())
struct open_account {
  using reply = opened;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(open_account, (), (id))
struct account_opened {
  static constexpr stored_as stored{"accounts.opened", 1};
};
BOOST_DESCRIBE_STRUCT(account_opened, (), ())
struct account_state {
  bool open = false;
};
BOOST_DESCRIBE_STRUCT(account_state, (), (open))

struct account {
  using command = std::variant<open_account>;
  using event = std::variant<account_opened>;
  using state = account_state;
  static decision<account> decide(const state& s, const command& c, const decision_context& ctx);
  static void evolve(state& s, const event& e);
};
inline std::string account_of(const account::command& c) { return std::get<open_account>(c).id; }

struct charged {};
struct charge {
  using reply = charged;
};
struct refund {
  using reply = charged;
};
struct payments_api {
  static constexpr std::string_view name = "payments";
  using operations = banyan::operations<op<charge, idempotent::by_key>>;
};
struct accounts_api {
  static constexpr std::string_view name = "accounts";
  using operations = banyan::operations<op<open_account>>;
};

}  // namespace compile_fail
