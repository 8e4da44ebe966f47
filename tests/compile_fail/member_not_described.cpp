#include "example.hpp"

#include <banyan/core/json.hpp>

using namespace compile_fail;

struct close_account {
  std::string id, reason;
  bool at_once = false;
};
#ifdef FIXED
BOOST_DESCRIBE_STRUCT(close_account, (), (id, reason, at_once))
#else
BOOST_DESCRIBE_STRUCT(close_account, (), (id, at_once))
#endif

std::string text_of(const close_account& c) { return to_json(c); }
