#include "example.hpp"

#include <banyan/cqrs/projection.hpp>

using namespace compile_fail;

struct open_accounts {
  using events = std::variant<account_opened>;
  using queries = std::variant<>;
  static void create(view_writer& v);
#ifdef FIXED
  static void apply(view_writer& v, const events& e, const recorded_event& at);
#endif
};
auto pattern = projection<open_accounts>{.of = "accounts"};
