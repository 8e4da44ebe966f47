#include "example.hpp"

#include <banyan/cqrs/projection.hpp>

using namespace compile_fail;

struct get_count {
  using reply = std::int64_t;
};
struct open_accounts {
  using events = std::variant<account_opened>;
  using queries = std::variant<get_count>;
#ifdef FIXED
  static void create(view_writer& v);
#endif
  static void apply(view_writer& v, const events& e, const recorded_event& at);
  static result<std::int64_t> answer(view_reader& v, const get_count& q);
};
auto pattern = projection<open_accounts>{.of = "accounts"};
