#include <banyan/process_supervision/waits.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("waits end in the order of their times, equal ones in the order in which they began", "[waits]") {
  constexpr monotonic zero{1h};
  waits w;
  CHECK_FALSE(w.next());
  w.add(zero + 3s, 1);
  w.add(zero + 2s, 2);
  w.add(zero + 2s, 3);
  CHECK(w.next() == zero + 2s);
  CHECK_FALSE(w.take(zero + 2s - 1ns));
  CHECK(w.take(zero + 9s) == 2u);
  CHECK(w.take(zero + 2s) == 3u);
  CHECK_FALSE(w.take(zero + 2s));
  CHECK(w.take(zero + 3s) == 1u);
  CHECK_FALSE(w.take(zero + 9s));
}
