// A clock that is set by hand.
#pragma once

#include <banyan/core/time.hpp>

namespace banyan::test {

struct hand_clock final : banyan::clock {
  monotonic time{std::chrono::hours{1}};
  instant now() const override { return {}; }
  monotonic steady() const override { return time; }
};

}  // namespace banyan::test
