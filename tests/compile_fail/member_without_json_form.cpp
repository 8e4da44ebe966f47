#include "example.hpp"

#include <banyan/core/json.hpp>

using namespace compile_fail;

struct close_account {
#ifdef FIXED
  timespan within;
#else
  std::chrono::seconds within;
#endif
};
BOOST_DESCRIBE_STRUCT(close_account, (), (within))

std::string text_of(const close_account& c) { return to_json(c); }
