#include <shop/send_window.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace std::chrono_literals;
using banyan::code;
using banyan::error;
using verdict = shop::send_window::verdict;
using answer = banyan::result<banyan::http_response>;

namespace {

struct seeded final : banyan::random_source {
  explicit seeded(std::uint64_t seed) : engine{seed} {}
  std::uint64_t next() override { return engine(); }
  std::mt19937_64 engine;
};

banyan::monotonic at(banyan::nanoseconds since) { return banyan::monotonic{since}; }
answer good() { return banyan::http_response{}; }
answer bad(code c) { return error{c, "no"}; }

}  // namespace

TEST_CASE("requests go out in order, at most so many at once") {
  seeded random{1};
  shop::send_window window{4, {.unsettled = 2}, random};
  CHECK(window.take(at(0s)) == 0u);
  CHECK(window.take(at(0s)) == 1u);
  CHECK(window.take(at(0s)) == std::nullopt);
  CHECK(window.answered(1, good(), at(1ms)) == verdict::settled);
  CHECK(window.take(at(1ms)) == 2u);
  CHECK(window.take(at(1ms)) == std::nullopt);
  CHECK(window.settled() == 1);
}

TEST_CASE("only errors that may pass are tried again") {
  struct example {
    code c;
    verdict expected;
  };
  auto e = GENERATE(values<example>({{code::unavailable, verdict::again},
                                     {code::exhausted, verdict::again},
                                     {code::deadline_exceeded, verdict::again},
                                     {code::invalid_argument, verdict::settled},
                                     {code::refused, verdict::settled},
                                     {code::conflict, verdict::settled},
                                     {code::not_found, verdict::settled},
                                     {code::internal, verdict::settled}}));
  seeded random{1};
  shop::send_window window{1, {}, random};
  REQUIRE(window.take(at(0s)) == 0u);
  CHECK(window.answered(0, bad(e.c), at(1ms)) == e.expected);
}

TEST_CASE("a request that waits to be sent again keeps its place in the window, and goes before new ones when its time comes") {
  seeded random{1};
  shop::send_window window{3, {.unsettled = 1, .backoff = {.first = 100ms, .jitter = 0}}, random};
  REQUIRE(window.take(at(0s)) == 0u);
  REQUIRE(window.answered(0, bad(code::unavailable), at(10ms)) == verdict::again);
  CHECK(window.take(at(10ms)) == std::nullopt);
  CHECK(window.next_due() == at(110ms));
  CHECK(window.take(at(109ms)) == std::nullopt);
  CHECK(window.take(at(110ms)) == 0u);
  CHECK(window.next_due() == std::nullopt);
  CHECK(window.retries() == 1);
  CHECK(window.answered(0, good(), at(120ms)) == verdict::settled);
  CHECK(window.take(at(120ms)) == 1u);
}

TEST_CASE("the server's retry_after is obeyed when it is longer") {
  seeded random{1};
  shop::send_window window{1, {}, random};
  REQUIRE(window.take(at(0s)) == 0u);
  answer later = error{code::exhausted, "too many"}.after(1500ms);
  REQUIRE(window.answered(0, later, at(0s)) == verdict::again);
  CHECK(window.next_due() == at(1500ms));
}

TEST_CASE("retries wait longer and longer, and end when the time given is up") {
  seeded random{7};
  shop::send_window window{1, {.give_up_after = 20s}, random};
  auto now = at(0s);
  std::vector<banyan::nanoseconds> waits;
  REQUIRE(window.take(now) == 0u);
  while (window.answered(0, bad(code::unavailable), now) == verdict::again) {
    REQUIRE(waits.size() < 1000);
    auto due = window.next_due();
    REQUIRE(due);
    waits.push_back(*due - now);
    now = *due;
    REQUIRE(window.take(now) == 0u);
  }
  CHECK(window.finished());
  CHECK(now <= at(20s));
  CHECK(now >= at(16s));  // the longest wait is 3 s
  CHECK(waits.front() == 0ns);
  CHECK(waits.back() >= 1s);
  CHECK(waits.size() > 10);
}

TEST_CASE("whatever fails, in whatever order it is answered, every request is settled once") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    seeded random{seed};
    const std::size_t count = 50;
    shop::send_window window{count, {.unsettled = 8, .give_up_after = 3600s}, random};
    std::vector<std::size_t> flying;
    std::vector<int> settled(count);
    auto now = at(0s);
    for (int steps = 0; !window.finished(); ++steps) {
      REQUIRE(steps < 100000);
      while (auto index = window.take(now)) flying.push_back(*index);
      REQUIRE(flying.size() <= 8);
      if (flying.empty()) {
        now = window.next_due().value();
        continue;
      }
      auto pick = random.next() % flying.size();
      auto index = flying[pick];
      flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(pick));
      now += 1ms;
      if (window.answered(index, random.next() % 3 ? bad(code::unavailable) : good(), now) == verdict::settled) ++settled[index];
    }
    CHECK(settled == std::vector<int>(count, 1));
  }
}
