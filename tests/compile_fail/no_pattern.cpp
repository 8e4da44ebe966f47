#include "example.hpp"

using namespace compile_fail;

plan describe() {
#ifdef FIXED
  return service<accounts_api>(event_sourced<account>{.journal = "accounts"});
#else
  return service<accounts_api>(account{});
#endif
}
