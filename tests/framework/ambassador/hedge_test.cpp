#include <banyan/ambassador/hedge.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("a hedge is sent after the observed quantile") {
  CHECK(hedge_delay({}, 40ms, idempotent::always, 1s) == 40ms);
  CHECK(hedge_delay({}, 40ms, idempotent::by_key, 1s) == 40ms);
}

TEST_CASE("nothing is hedged that may not be sent twice, before the quantile is known, or when hedging is off") {
  CHECK_FALSE(hedge_delay({}, 40ms, idempotent::never, 1s));
  CHECK_FALSE(hedge_delay({}, {}, idempotent::always, 1s));
  CHECK_FALSE(hedge_delay({.quantile = 0}, 40ms, idempotent::always, 1s));
}

TEST_CASE("the delay is within its limits") {
  CHECK(hedge_delay({.min_delay = 5ms}, 10us, idempotent::always, 1s) == 5ms);
  CHECK(hedge_delay({.max_delay = 200ms}, 700ms, idempotent::always, 1s) == 200ms);
  CHECK(hedge_delay({.min_delay = 5ms, .max_delay = 2ms}, 1ms, idempotent::always, 1s) == 5ms);
}

TEST_CASE("no hedge is sent at or after the deadline") {
  CHECK_FALSE(hedge_delay({}, 40ms, idempotent::always, 40ms));
  CHECK(hedge_delay({}, 40ms, idempotent::always, 41ms));
}
