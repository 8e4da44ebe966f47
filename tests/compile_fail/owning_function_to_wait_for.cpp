#include "example.hpp"

using namespace compile_fail;

struct asker : actor {
  behavior make_behavior() override { return {}; }
  task<result<int>> measure(std::string text) {
#ifdef FIXED
    co_return co_await self().wait_for<int>(1s, [&](completion<int> done) { done(static_cast<int>(text.size())); });
#else
    co_return co_await self().wait_for<int>(1s, [text](completion<int> done) { done(static_cast<int>(text.size())); });
#endif
  }
};
