#include <banyan/framed_protocol/peer_clock.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace banyan::framed;

TEST_CASE("a time of the other side is translated with the smallest difference seen", "[framed][clock]") {
  peer_clock clock;
  clock.observe(1'000, 51'200);  // the clocks are 50,000 apart, the frame took 1,200
  CHECK(clock.to_local(2'000) == 52'200);
  clock.observe(3'000, 53'050);  // 50
  CHECK(clock.to_local(2'000) == 52'050);
  clock.observe(5'000, 3'000'000);  // a pause: no reason to move deadlines
  CHECK(clock.to_local(2'000) == 52'050);
}

TEST_CASE("a deadline that lay in a buffer is seen to have passed", "[framed][clock]") {
  peer_clock clock;
  clock.observe(0, 100);
  const std::int64_t deadline = 1'000'000, read_at = 3'000'000;
  CHECK(clock.to_local(deadline) < read_at);
}

TEST_CASE("without an observation, without a deadline, or beyond what a number can say: no deadline",
          "[framed][clock]") {
  peer_clock clock;
  CHECK(clock.to_local(5) == no_deadline);
  clock.observe(0, 100);
  CHECK(clock.to_local(no_deadline) == no_deadline);
  CHECK(clock.to_local(no_deadline - 1) == no_deadline);
  peer_clock other;
  other.observe(INT64_MIN, INT64_MAX);  // of no use
  CHECK(other.to_local(5) == no_deadline);
}

TEST_CASE("a translated time is never too early, and follows a drifting clock", "[framed][clock][property]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 random{seed};
    peer_clock clock{60'000'000};
    const auto apart = static_cast<std::int64_t>(random() % 1'000'000'000);
    const double drift = (random() % 200) * 1e-6 - 100e-6;  // of ours against theirs
    for (std::int64_t theirs = 0; theirs < 3'600'000'000; theirs += 5'000'000) {
      const auto ours = apart + theirs + static_cast<std::int64_t>(static_cast<double>(theirs) * drift);
      clock.observe(theirs, ours + 20 + static_cast<std::int64_t>(random() % 2'000));
      const auto error = clock.to_local(theirs) - ours;
      REQUIRE(error > -120 * 100);           // two windows of a fast clock that is slow now
      REQUIRE(error < 2'020 + 120 * 100);
    }
  }
}
