#include "example.hpp"

#include <banyan/cqrs/projection.hpp>

using namespace compile_fail;

struct get_count {
  using reply = std::int64_t;
};
struct get_names {
  using reply = std::vector<std::string>;
};
struct open_accounts {
  using events = std::variant<account_opened>;
  using queries = std::variant<get_count, get_names>;
  static void create(view_writer& v);
  static void apply(view_writer& v, const events& e, const recorded_event& at);
  static result<std::int64_t> answer(view_reader& v, const get_count& q);
#ifdef FIXED
  static result<std::vector<std::string>> answer(view_reader& v, const get_names& q);
#endif
};
auto pattern = query_side<open_accounts>{.replicas = 2};
