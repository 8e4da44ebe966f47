#include <shop/progress.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

using namespace std::chrono_literals;

namespace {

struct virtual_clock final : banyan::clock {
  banyan::instant now() const override { return {}; }
  banyan::monotonic steady() const override { return at; }
  banyan::monotonic at{};
};

std::size_t lines_in(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

}  // namespace

TEST_CASE("numbers are grouped for reading") {
  CHECK(shop::with_thousands(0) == "0");
  CHECK(shop::with_thousands(999) == "999");
  CHECK(shop::with_thousands(1000) == "1,000");
  CHECK(shop::with_thousands(-1234567) == "-1,234,567");
  CHECK(shop::pounds(370682764) == "3,706,827.64");
  CHECK(shop::pounds(5) == "0.05");
  CHECK(shop::pounds(-5) == "-0.05");
  CHECK(shop::pounds(-12345) == "-123.45");
}

TEST_CASE("a progress line says how far, how fast and how long") {
  CHECK(shop::progress_line("orders", 5000, 10000, 10s, "") == "orders     [############............]  50 %  5000/10000  500/s  10 s left");
  CHECK(shop::progress_line("orders", 0, 10, 0s, "waiting") == "orders     [........................]   0 %  0/10  waiting");
  CHECK(shop::progress_line("stock", 12, 10, 1s, "") == "stock      [########################] 100 %  10/10  10/s");
  CHECK(shop::progress_line("none", 0, 0, 1s, "") == "none       [########################] 100 %  0/0");
}

TEST_CASE("a terminal gets one line drawn in place, at most ten times a second") {
  virtual_clock clock;
  std::ostringstream out;
  shop::progress bar{out, true, clock};
  bar.begin("orders", 100);
  for (int i = 0; i < 100; ++i) {
    clock.at += 10ms;
    bar.show(static_cast<std::uint64_t>(i));
  }
  auto text = out.str();
  CHECK(lines_in(text) == 0);
  CHECK(std::count(text.begin(), text.end(), '\r') == 10);
  bar.end();
  CHECK(lines_in(out.str()) == 1);
}

TEST_CASE("a log gets a plain line every five seconds and one at the end") {
  virtual_clock clock;
  std::ostringstream out;
  shop::progress bar{out, false, clock};
  bar.begin("orders", 100);
  for (int i = 0; i < 120; ++i) {
    clock.at += 100ms;
    bar.show(static_cast<std::uint64_t>(i));
  }
  bar.end();
  CHECK(lines_in(out.str()) == 3);
  CHECK(out.str().find('\r') == std::string::npos);
  CHECK(out.str().find('\x1b') == std::string::npos);
}
