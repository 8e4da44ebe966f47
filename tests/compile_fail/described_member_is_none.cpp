#include "example.hpp"

using namespace compile_fail;

struct close_account {
  std::string id;
};
#ifdef FIXED
BOOST_DESCRIBE_STRUCT(close_account, (), (id))
#else
BOOST_DESCRIBE_STRUCT(close_account, (), (id, reason))
#endif
