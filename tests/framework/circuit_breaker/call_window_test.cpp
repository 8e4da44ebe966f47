#include <banyan/circuit_breaker/call_window.hpp>

#include <catch2/catch.hpp>

#include <deque>
#include <random>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("a count window has the sums of the last calls, of any size", "[breaker]") {
  std::mt19937_64 random{5};
  for (const int size : {1, 2, 31, 32, 33, 64, 100, 1000}) {
    call_window w{{.calls = size, .min_calls = 1}, 1};
    std::deque<std::pair<bool, bool>> last;
    for (int i = 0; i < 3 * size + 7; ++i) {
      const bool failed = random() % 3 == 0, slow = random() % 4 == 0;
      w.add(failed, slow, {});
      last.emplace_back(failed, slow);
      if (last.size() > static_cast<std::size_t>(size)) last.pop_front();
      std::uint64_t failures = 0, slows = 0;
      for (auto [f, s] : last) failures += f, slows += s;
      CHECK((w.calls() == last.size() && w.failures() == failures && w.slow() == slows));
    }
  }
}

TEST_CASE("a window that was lent and cleared is empty", "[breaker]") {
  for (const auto kind : {breaker_window::count, breaker_window::time}) {
    call_window w{{.window = kind, .calls = 3, .buckets = 2, .min_calls = 1}, 5};
    for (int i = 0; i < 5; ++i) w.add(true, true, monotonic{1s});
    auto* lent = w.lend();
    for (int i = 0; i < 5; ++i) lent[i] = -1;
    w.clear();
    for (int i = 0; i < 3; ++i) w.add(false, false, monotonic{i * 5s});
    CHECK(w.failures() == 0);
    CHECK(w.slow() == 0);
    CHECK(w.calls() == (kind == breaker_window::count ? 3 : 2));
  }
}

TEST_CASE("buckets are aligned to the zero of the clock, also before it", "[breaker]") {
  for (const auto zero : {monotonic{0s}, monotonic{-100s}, monotonic{3h}}) {
    call_window w{{.window = breaker_window::time}, 1};
    w.add(true, false, zero + 999ms);
    w.add(true, false, zero + 1s);
    w.advance(zero + 10s - 1ns);
    CHECK(w.calls() == 2);
    w.advance(zero + 10s);
    CHECK(w.calls() == 1);
    w.add(false, false, zero + 9s);  // an earlier time counts in the present bucket
    w.advance(zero + 19s);
    CHECK(w.calls() == 1);
    w.advance(zero + 20s);
    CHECK(w.calls() == 0);
    w.add(true, true, zero + 1000h);
    CHECK(w.calls() == 1);
  }
}
