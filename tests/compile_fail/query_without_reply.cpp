#include "example.hpp"

#include <banyan/cqrs/projection.hpp>

using namespace compile_fail;

struct get_count {
#ifdef FIXED
  using reply = std::int64_t;
#endif
};
struct open_accounts {
  using events = std::variant<account_opened>;
  using queries = std::variant<get_count>;
  static void create(view_writer& v);
  static void apply(view_writer& v, const events& e, const recorded_event& at);
  static result<std::int64_t> answer(view_reader& v, const get_count& q);
};
auto pattern = query_side<open_accounts>{};
