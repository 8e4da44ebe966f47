#include <banyan/runtime/rendered_page.hpp>

#include <catch2/catch.hpp>

#include <tests/framework/http/hand_clock.hpp>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("a page is made anew for each, until making it would take more than a fifth of the time", "[admin]") {
  test::hand_clock clock;
  rendered_page page{clock};
  int made = 0;
  const auto ask = [&](nanoseconds cost) {
    return page.get([&] {
      clock.advance(cost);
      return std::to_string(++made);
    });
  };
  for (int i = 1; i <= 10; ++i) {
    CHECK(ask(5ms) == std::to_string(i));
    clock.advance(1s);
  }
  // A flood: what takes 5 ms each is made for some, and then in a fifth of the time.
  for (int i = 0; i < 1'000; ++i) ask(5ms);
  const int at_once = made - 10;
  CHECK(at_once >= 20);
  CHECK(at_once <= 40);
  for (int i = 0; i < 1'000; ++i) {
    clock.advance(10ms);
    ask(5ms);
  }
  CHECK(made - 10 - at_once <= 520);
  CHECK(made - 10 - at_once >= 480);
  clock.advance(10s);
  const auto before = made;
  CHECK(ask(5ms) == std::to_string(before + 1));
  // What costs nothing is always new.
  rendered_page cheap{clock};
  made = 0;
  for (int i = 1; i <= 1'000; ++i) REQUIRE(cheap.get([&] { return std::to_string(++made); }) == std::to_string(i));
}
