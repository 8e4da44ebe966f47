#include "example.hpp"

#include <banyan/pub_sub/pub_sub.hpp>

using namespace compile_fail;

#ifdef FIXED
auto pattern = publishes<account_opened>{.topic = "accounts.opened"};
#else
auto pattern = publishes<open_account>{.topic = "accounts.opened"};
#endif
