#include <banyan/core/time.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <limits>
#include <random>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

std::string normal(std::string_view text) {
  const auto parsed = parse_rfc3339(text);
  return parsed ? to_rfc3339(*parsed) : "refused";
}

}  // namespace

TEST_CASE("time spans print in the unit that reads best") {
  CHECK(to_string(timespan{800ms}) == "800ms");
  CHECK(to_string(timespan{1500ms}) == "1.5s");
  CHECK(to_string(timespan{10min}) == "10min");
  CHECK(to_string(timespan{90s}) == "90s");
  CHECK(to_string(timespan{2h}) == "2h");
  CHECK(to_string(timespan{168h}) == "7d");
  CHECK(to_string(timespan{1001us}) == "1.001ms");
  CHECK(to_string(timespan{7ns}) == "7ns");
  CHECK(to_string(timespan{}) == "0s");
  CHECK(to_string(timespan{-1500ms}) == "-1.5s");
  CHECK(to_string(timespan{nanoseconds::min()}) == "-9223372036.854775808s");
}

TEST_CASE("time spans are read in every unit") {
  CHECK(parse_timespan("800ms").value() == timespan{800ms});
  CHECK(parse_timespan("1.5s").value() == timespan{1500ms});
  CHECK(parse_timespan("10min").value() == timespan{10min});
  CHECK(parse_timespan("0.25h").value() == timespan{15min});
  CHECK(parse_timespan("7d").value() == timespan{168h});
  CHECK(parse_timespan("3us").value() == timespan{3us});
  CHECK(parse_timespan("0ns").value() == timespan{});
  CHECK(parse_timespan("9223372036854775807ns").value() == timespan{nanoseconds::max()});
  CHECK(parse_timespan("1.000000000000s").value() == timespan{1s});
}

TEST_CASE("what is not a time span is refused") {
  for (const auto bad : {"", "5", "s", "-5s", "+5s", "5 s", "5m", "5S", "1.s", ".5s", "1..5s", "1.5.2s", "1e3s", "5seconds", "0.5ns",
                         "1.0000000001s", "9223372036854775808ns", "106752d", "99999999999999999999s", "9223372036.854775808s", "5s "}) {
    INFO(bad);
    CHECK_FALSE(parse_timespan(bad));
  }
}

TEST_CASE("time spans survive their text form") {
  std::mt19937_64 random{6};
  const std::int64_t units[] = {1, 1'000, 1'000'000, 1'000'000'000, 60'000'000'000, 3'600'000'000'000, 86'400'000'000'000};
  for (int i = 0; i < 10'000; ++i) {
    const auto unit = units[random() % std::size(units)];
    const auto most = static_cast<std::uint64_t>(nanoseconds::max().count() / unit);
    const timespan t{nanoseconds{static_cast<std::int64_t>(random() % most) * unit}};
    INFO(to_string(t));
    CHECK(parse_timespan(to_string(t)).value() == t);
  }
}

TEST_CASE("instants print as RFC 3339 with as few digits as say it all") {
  CHECK(to_rfc3339(instant{}) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(instant{1645557742678ms}) == "2022-02-22T19:22:22.678Z");
  CHECK(to_rfc3339(instant{1us}) == "1970-01-01T00:00:00.000001Z");
  CHECK(to_rfc3339_ms(instant{}) == "1970-01-01T00:00:00.000Z");
  CHECK(to_rfc3339_ms(instant{1999us}) == "1970-01-01T00:00:00.001Z");
  CHECK(to_rfc3339(instant{1ns}) == "1970-01-01T00:00:00.000000001Z");
  CHECK(to_rfc3339(instant{-1ns}) == "1969-12-31T23:59:59.999999999Z");
}

TEST_CASE("instants are read with their offsets") {
  CHECK(normal("2026-01-02T03:04:05Z") == "2026-01-02T03:04:05Z");
  CHECK(normal("2026-01-02t03:04:05.5z") == "2026-01-02T03:04:05.500Z");
  CHECK(normal("2026-01-02T03:04:05+05:30") == "2026-01-01T21:34:05Z");
  CHECK(normal("2026-12-31T23:00:00-02:00") == "2027-01-01T01:00:00Z");
  CHECK(normal("2026-01-02 03:04:05-00:00") == "2026-01-02T03:04:05Z");
  CHECK(normal("1996-12-19T16:39:57-08:00") == "1996-12-20T00:39:57Z");
  CHECK(normal("2026-01-02T03:04:05.1234567899Z") == "2026-01-02T03:04:05.123456789Z");
}

TEST_CASE("a spaced date and time without an offset is UTC") {
  CHECK(normal("2010-12-01 08:26:00") == "2010-12-01T08:26:00Z");
  CHECK(normal("2010-12-01T08:26:00") == "refused");
}

TEST_CASE("leap years and leap seconds are those of the calendar") {
  CHECK(normal("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00Z");
  CHECK(normal("2000-02-29T00:00:00Z") == "2000-02-29T00:00:00Z");
  CHECK(normal("1900-02-29T00:00:00Z") == "refused");
  CHECK(normal("2023-02-29T00:00:00Z") == "refused");
  CHECK(normal("1990-12-31T23:59:60Z") == "1991-01-01T00:00:00Z");
  CHECK(normal("1990-12-31T15:59:60-08:00") == "1991-01-01T00:00:00Z");
  CHECK(normal("1990-12-31T12:59:60Z") == "refused");
}

TEST_CASE("what is not a time is refused") {
  for (const auto bad : {"", "now", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z",
                         "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
                         "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Zx",
                         "2026-1-1T00:00:00Z", "26-01-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00Z", "2026/01/01 00:00:00",
                         "+2026-01-01T00:00:00Z", "-026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
                         "1677-01-01T00:00:00Z", "2262-12-31T00:00:00Z"}) {
    INFO(bad);
    CHECK_FALSE(parse_rfc3339(bad));
  }
  const std::string good = "2026-01-02T03:04:05.678+01:00";
  for (std::size_t length = 0; length < good.size(); ++length) CHECK_FALSE(parse_rfc3339(good.substr(0, length)));
}

TEST_CASE("instants survive their text form to the nanosecond") {
  std::mt19937_64 random{7};
  const std::int64_t grains[] = {1, 1'000, 1'000'000, 1'000'000'000};
  for (int i = 0; i < 10'000; ++i) {
    const auto count = static_cast<std::int64_t>(random()) / 10 * 9;
    const instant t{nanoseconds{count - count % grains[random() % std::size(grains)]}};
    INFO(to_rfc3339(t));
    CHECK(parse_rfc3339(to_rfc3339(t)).value() == t);
  }
}

TEST_CASE("the system clock moves forward") {
  const auto& clock = system_clock();
  const auto before = clock.steady();
  CHECK(clock.steady() >= before);
  CHECK(clock.now() > parse_rfc3339("2024-01-01T00:00:00Z").value());
}

TEST_CASE("a time plus a span that it can not hold is the end of its range, not a time in the past") {
  const monotonic start{5s}, end = monotonic::max();
  CHECK(add_saturating(start, 3s) == monotonic{8s});
  CHECK(add_saturating(start, -3s) == monotonic{2s});
  CHECK(add_saturating(start, timespan::max()) == end);
  CHECK(add_saturating(start, nanoseconds::max() - 5s) == end);
  CHECK(add_saturating(end, 1ns) == end);
  CHECK(add_saturating(end, -1ns) < end);
  CHECK(add_saturating(monotonic{-5s}, nanoseconds::min()) == monotonic::min());
  CHECK(add_saturating(instant{5s}, timespan::max()) == instant::max());
  CHECK(add_saturating(timespan{3s}, 4s) == timespan{7s});
  CHECK(add_saturating(timespan{3s}, timespan::max()) == timespan::max());
  CHECK(add_saturating(timespan{-3s}, nanoseconds::min()) == timespan{nanoseconds::min()});
}

TEST_CASE("a duration that is longer than a time span can be becomes the longest one") {
  CHECK(timespan{std::chrono::hours::max()} == timespan::max());
  CHECK(timespan{std::chrono::hours::min()} == timespan{nanoseconds::min()});
  CHECK(timespan{std::chrono::seconds::max()} == timespan::max());
  CHECK(timespan{std::chrono::years{300}} == timespan::max());
  CHECK(timespan{std::chrono::years{200}} < timespan::max());
  CHECK(timespan{std::chrono::duration<std::uint64_t>{~std::uint64_t{0}}} == timespan::max());
  CHECK(timespan{std::chrono::duration<int>{2'000'000'000}} == timespan{2'000'000'000s});
  CHECK(timespan{std::chrono::duration<double>{1e300}} == timespan::max());
  CHECK(timespan{std::chrono::duration<double>{-1e300}} == timespan{nanoseconds::min()});
  CHECK(timespan{std::chrono::duration<double>{std::numeric_limits<double>::quiet_NaN()}} == timespan{});
  CHECK(timespan{std::chrono::duration<double>{1.5}} == timespan{1500ms});
  CHECK(timespan{std::chrono::duration<std::int64_t, std::pico>{5'000}} == timespan{5ns});
  CHECK(timespan{nanoseconds::max()} == timespan::max());
  constexpr timespan at_compile_time = std::chrono::hours::max();
  CHECK(at_compile_time == timespan::max());
}

TEST_CASE("the steady clock of the system is at most two microseconds behind, never ahead, and never goes back") {
  const auto exact = [] { return std::chrono::time_point_cast<nanoseconds>(std::chrono::steady_clock::now()); };
  const auto& clock = system_clock();
  auto last = clock.steady();
  for (int i = 0; i < 100'000; ++i) {
    const auto before = exact();
    const auto read = clock.steady();
    const auto after = exact();
    if (read < last || read > after || read < before - 2us) FAIL("read " << (read - before).count() << " ns after");
    last = read;
  }
  const auto start = clock.steady();
  while (exact() < start + 100us) {}
  CHECK(clock.steady() >= start + 98us);
}

TEST_CASE("the steady clock of the system goes back by at most two microseconds from one thread to another") {
  std::atomic<std::int64_t> shown{0};
  std::atomic<bool> over{false};
  std::thread other{[&] {
    while (!over) shown = system_clock().steady().time_since_epoch().count();
  }};
  std::int64_t worst = 0;
  for (int i = 0; i < 300'000; ++i) {
    const auto seen = shown.load();
    worst = std::max(worst, seen - system_clock().steady().time_since_epoch().count());
  }
  over = true;
  other.join();
  CHECK(worst <= 2'000);
}
