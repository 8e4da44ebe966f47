#include "example.hpp"

using namespace compile_fail;

namespace {

struct debit {
  using reply = opened;
  std::string key;
};
#ifdef FIXED
BOOST_DESCRIBE_STRUCT(debit, (), (key))
#endif

}  // namespace

auto called = call<debit>("POST /debits", {.headers = {{"Idempotency-Key", "key"}}});
