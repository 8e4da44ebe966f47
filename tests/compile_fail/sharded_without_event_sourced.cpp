#include "example.hpp"

using namespace compile_fail;

plan describe() {
  return service<accounts_api>(
#ifdef FIXED
      event_sourced<account>{.journal = "accounts"},
#endif
      sharded<account>{.entity = account_of});
}
