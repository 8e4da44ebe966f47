#include "example.hpp"

using namespace compile_fail;

task<result<opened>> open(context<>, const open_account&) {
#ifdef FIXED
  co_return opened{};
#else
  return opened{};
#endif
}
