#include "example.hpp"

using namespace compile_fail;

struct asker : actor {
  behavior make_behavior() override { return {}; }
  task<result<opened>> open() {
    open_account request{"an id"};
#ifdef FIXED
    co_return co_await self().ask<open_account>(to_, 1s, give(request));
#else
    co_return co_await self().ask<open_account>(to_, 1s, std::move(request));
#endif
  }
  address to_;
};
