#include <banyan/core/backoff.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

// Always the same draw: 0 is the shortest wait that jitter allows, the maximum the longest.
class fixed final : public random_source {
 public:
  explicit fixed(std::uint64_t value) : value_{value} {}
  std::uint64_t next() override { return value_; }

 private:
  std::uint64_t value_;
};

fixed lowest{0};
fixed highest{std::numeric_limits<std::uint64_t>::max()};

constexpr backoff_policy plain{.first = nanoseconds{0}, .min = 50ms, .max = 400ms, .jitter = 0, .quiet = 10s};

}  // namespace

TEST_CASE("waits double from the second failure on, up to the longest") {
  backoff b{plain};
  monotonic now{};
  for (const nanoseconds expected : {0ms, 50ms, 100ms, 200ms, 400ms, 400ms}) {
    const auto wait = b.next(now, lowest);
    CHECK(wait == expected);
    now += wait;
  }
  CHECK(b.failures() == 6);
}

TEST_CASE("a quiet time starts over, and so does a reset") {
  backoff b{plain};
  monotonic now{};
  for (int i = 0; i < 3; ++i) now += b.next(now, lowest);
  CHECK(b.next(now + 9999ms, lowest) == 200ms);
  now += 9999ms + 200ms;
  CHECK(b.next(now + 10s, lowest) == 0ms);
  b.next(now + 10s, lowest);
  b.reset();
  CHECK(b.failures() == 0);
  CHECK(b.next(now + 10s, lowest) == 0ms);
}

TEST_CASE("jitter stays within its share on both sides") {
  auto policy = plain;
  policy.jitter = 0.2;
  backoff low{policy};
  backoff high{policy};
  low.next({}, lowest);
  high.next({}, highest);
  CHECK(low.next({}, lowest) == 40ms);
  const auto longest = high.next({}, highest);
  CHECK(longest <= 60ms);
  CHECK(longest > 59ms);
}

TEST_CASE("a thousand failures in a row wait no longer than the longest") {
  backoff b{plain};
  nanoseconds wait{};
  for (int i = 0; i < 1000; ++i) wait = b.next({}, lowest);
  CHECK(wait == 400ms);
}
