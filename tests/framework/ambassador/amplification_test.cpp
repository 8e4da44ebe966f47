#include <catch2/catch.hpp>
#include <tests/framework/ambassador/amplification.hpp>

using namespace banyan;
using namespace banyan::test;

TEST_CASE("three hops of three attempts without budgets send 27 requests for one") {
  const auto r =
      measure_amplification({.last = last_service::refuses, .budgeted = false, .per_second = 20, .seconds = 60});
  CHECK(r.mean == Approx(27));
  const auto silent =
      measure_amplification({.last = last_service::is_silent, .budgeted = false, .per_second = 20, .seconds = 60});
  CHECK(silent.mean > 15);  // some attempts come to the end of their caller's time
}

TEST_CASE("with budgets a service that is down gets at most 1.25 requests for one, above the floor") {
  for (const auto last : {last_service::refuses, last_service::is_silent})
    for (const int per_second : {2, 20, 200})
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto r = measure_amplification({.last = last, .per_second = per_second, .seconds = 60, .seed = seed});
        INFO((last == last_service::refuses ? "refuses" : "silent") << " " << per_second << " mean " << r.mean);
        CHECK(r.above_floor <= 1.25);
        if (per_second == 200) CHECK(r.mean >= 1.15);  // the budget is used
      }
}

TEST_CASE("with hedging on all three hops the last service gets at most 1.2 requests for one, in 99 of 100 seconds") {
  for (const auto last : {last_service::is_healthy, last_service::is_slow_at_times}) {
    const auto r = measure_amplification({.last = last, .hedged = true, .per_second = 500, .seconds = 120});
    INFO(static_cast<int>(last) << " mean " << r.mean << " p99 " << r.p99);
    CHECK(r.p99 <= 1.2);
    CHECK(r.mean > 1.05);
  }
}

TEST_CASE("retries and hedges together stay within the budget when the last service is down") {
  for (const auto last : {last_service::refuses, last_service::is_silent}) {
    const auto r = measure_amplification({.last = last, .hedged = true, .per_second = 200, .seconds = 60});
    INFO(static_cast<int>(last) << " mean " << r.mean << " p99 " << r.p99);
    CHECK(r.above_floor <= 1.25);
  }
}
