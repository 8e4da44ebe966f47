#include "example.hpp"

#include <banyan/cqrs/projection.hpp>

using namespace compile_fail;

// The next version, with the number of the last one.
struct account_opened_by {
#ifdef FIXED
  static constexpr stored_as stored{"accounts.opened", 2};
#else
  static constexpr stored_as stored{"accounts.opened", 1};
#endif
  std::string by;
};
BOOST_DESCRIBE_STRUCT(account_opened_by, (), (by))

struct get_count {
  using reply = std::int64_t;
};
struct open_accounts {
  using events = std::variant<account_opened, account_opened_by>;
  using queries = std::variant<get_count>;
  static void create(view_writer& v);
  static void apply(view_writer& v, const events& e, const recorded_event& at);
  static result<std::int64_t> answer(view_reader& v, const get_count& q);
};
auto pattern = projection<open_accounts>{.of = "accounts"};
