#include <banyan/ambassador/bulkhead.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using entry = bulkhead::entry;

struct caller final : bulkhead::waiter {
  void resume(bulkhead::result_of_wait how) override {
    ++resumed;
    got = how;
  }
  bool is_admitted() const { return resumed == 1 && got == bulkhead::result_of_wait::admitted; }
  bool is_expired() const { return resumed == 1 && got == bulkhead::result_of_wait::expired; }
  int resumed = 0;
  bulkhead::result_of_wait got{};
};

}  // namespace

TEST_CASE("as many calls as permits are in flight, the next ones wait, and those beyond the queue are refused") {
  bulkhead b{{.concurrency = 2, .queue = 1, .queue_time = 1s}};
  caller first, second, third, fourth;
  CHECK(b.enter(first, monotonic::max(), start) == entry::admitted);
  CHECK(b.enter(second, monotonic::max(), start) == entry::admitted);
  CHECK(b.enter(third, monotonic::max(), start) == entry::queued);
  CHECK(b.enter(fourth, monotonic::max(), start) == entry::refused);
  CHECK_FALSE(b.try_enter());
  CHECK(b.in_flight() == 2);
  CHECK(b.waiting() == 1);
  b.release(start + 1ms);
  CHECK(third.is_admitted());
  CHECK(b.in_flight() == 2);
  CHECK(b.waiting() == 0);
  b.release(start + 2ms);
  b.release(start + 2ms);
  CHECK(b.in_flight() == 0);
}

TEST_CASE("waiters are admitted in the order in which they came") {
  bulkhead b{{.concurrency = 1, .queue = 3, .queue_time = 1s}};
  caller c[4];
  for (auto& each : c) b.enter(each, monotonic::max(), start);
  for (int i = 1; i < 4; ++i) {
    b.release(start + 1ms);
    CHECK(c[i].is_admitted());
    if (i < 3) CHECK(c[i + 1].resumed == 0);
  }
}

TEST_CASE("a caller does not overtake those who wait") {
  bulkhead b{{.concurrency = 1, .queue = 3, .queue_time = 1s}};
  caller first, second, third;
  b.enter(first, monotonic::max(), start);
  b.enter(second, monotonic::max(), start);
  b.release(start);
  CHECK(second.is_admitted());
  CHECK_FALSE(b.try_enter());
  CHECK(b.enter(third, monotonic::max(), start) == entry::queued);
  b.leave(third);
}

TEST_CASE("a waiter whose deadline has passed is not admitted, but the next one is") {
  bulkhead b{{.concurrency = 1, .queue = 3, .queue_time = 1s}};
  caller first, second, third;
  b.enter(first, monotonic::max(), start);
  b.enter(second, start + 10ms, start);
  b.enter(third, start + 500ms, start);
  CHECK(second.until() == start + 10ms);
  CHECK(second.timed_out_by_deadline());
  b.release(start + 10ms);
  CHECK(second.is_expired());
  CHECK(third.is_admitted());
  CHECK(b.refusal(second).code == code::deadline_exceeded);
  CHECK(b.refusal(second).outcome == outcome::not_applied);
}

TEST_CASE("nobody waits longer than queue_time") {
  bulkhead b{{.concurrency = 1, .queue = 3, .queue_time = 50ms}};
  caller first, second;
  b.enter(first, monotonic::max(), start);
  b.enter(second, start + 10s, start);
  CHECK(second.until() == start + 50ms);
  CHECK_FALSE(second.timed_out_by_deadline());
  b.release(start + 50ms);
  CHECK(second.is_expired());
  CHECK(b.refusal(second).code == code::exhausted);
  CHECK(b.in_flight() == 0);
}

TEST_CASE("those who have waited too long make room for a new caller") {
  bulkhead b{{.concurrency = 1, .queue = 1, .queue_time = 50ms}};
  caller first, second, third;
  b.enter(first, monotonic::max(), start);
  b.enter(second, monotonic::max(), start);
  CHECK(b.enter(third, monotonic::max(), start + 50ms) == entry::queued);
  CHECK(second.is_expired());
  b.release(start + 60ms);
  CHECK(third.is_admitted());
}

TEST_CASE("a waiter that gives up leaves its place, and gets no permit") {
  bulkhead b{{.concurrency = 1, .queue = 2, .queue_time = 1s}};
  caller first, second, third;
  b.enter(first, monotonic::max(), start);
  b.enter(second, monotonic::max(), start);
  b.enter(third, monotonic::max(), start);
  CHECK(b.leave(second));
  CHECK_FALSE(b.leave(second));
  CHECK(b.waiting() == 1);
  b.release(start);
  CHECK(second.resumed == 0);
  CHECK(third.is_admitted());
  CHECK_FALSE(b.leave(third));
}

TEST_CASE("without a queue, or with a deadline that has passed, a caller is refused and does not wait") {
  bulkhead b{{.concurrency = 1, .queue = 0, .queue_time = 1s}};
  caller first, second;
  b.enter(first, monotonic::max(), start);
  CHECK(b.enter(second, monotonic::max(), start) == entry::refused);
  b.set({.concurrency = 1, .queue = 5, .queue_time = 1s}, start);
  CHECK(b.enter(second, start, start) == entry::refused);
  CHECK(b.waiting() == 0);
}

TEST_CASE("more permits are given to those who wait, fewer are taken as calls end") {
  bulkhead b{{.concurrency = 1, .queue = 5, .queue_time = 1s}};
  caller c[4];
  for (auto& each : c) b.enter(each, monotonic::max(), start);
  b.set_concurrency(3, start);
  CHECK(c[1].is_admitted());
  CHECK(c[2].is_admitted());
  CHECK(c[3].resumed == 0);
  b.set_concurrency(1, start);
  b.release(start);
  b.release(start);
  CHECK(c[3].resumed == 0);
  CHECK(b.in_flight() == 1);
  b.release(start);
  CHECK(c[3].is_admitted());
}

TEST_CASE("a refusal says when to come again once permits are seen to come free") {
  bulkhead b{{.concurrency = 1, .queue = 2, .queue_time = 10s}};
  caller c[5];
  for (int i = 0; i < 3; ++i) b.enter(c[i], monotonic::max(), start);
  CHECK(b.enter(c[3], monotonic::max(), start) == entry::refused);
  auto e = b.refusal();
  CHECK(e.code == code::exhausted);
  CHECK(e.reason == "too_many_calls");
  CHECK_FALSE(e.retry_after);
  b.release(start + 20ms);
  CHECK(b.enter(c[3], monotonic::max(), start + 20ms) == entry::queued);
  CHECK(b.enter(c[4], monotonic::max(), start + 20ms) == entry::refused);
  e = b.refusal();
  CHECK(e.retry_after == 60ms);
  CHECK(e.message == "there are 1 calls already, and 2 that wait");
}

TEST_CASE("permits and places agree with a model, whatever the order of events") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    seeded_random random{seed};
    const int permits = static_cast<int>(1 + random.next() % 4), places = static_cast<int>(random.next() % 5);
    bulkhead b{{.concurrency = permits, .queue = places, .queue_time = 40ms}};
    std::deque<std::unique_ptr<caller>> callers;
    std::deque<caller*> queue;  // the model
    int in_flight = 0;
    auto now = start;
    const auto drop_expired_heads = [&] {
      while (!queue.empty() && queue.front()->until() <= now) {
        if (!queue.front()->is_expired()) FAIL_CHECK("an expired waiter was not told, seed " << seed);
        queue.pop_front();
      }
    };
    for (int step = 0; step < 200; ++step) {
      now += nanoseconds{static_cast<std::int64_t>(random.next() % 20'000'000)};
      const auto what = random.next() % 10;
      if (what < 5) {
        auto& c = *callers.emplace_back(std::make_unique<caller>());
        const auto got = b.enter(c, now + nanoseconds{static_cast<std::int64_t>(random.next() % 80'000'000) + 1}, now);
        if (in_flight < permits && queue.empty()) {
          ++in_flight;
          if (got != entry::admitted) FAIL_CHECK("refused below the limit, seed " << seed);
        } else {
          drop_expired_heads();
          const bool fits = static_cast<int>(queue.size()) < places;
          if (got != (fits ? entry::queued : entry::refused)) FAIL_CHECK("wrong entry, seed " << seed);
          if (fits) queue.push_back(&c);
        }
      } else if (what < 9 && in_flight > 0) {
        b.release(now);
        drop_expired_heads();
        if (queue.empty()) {
          --in_flight;
        } else {
          if (!queue.front()->is_admitted()) FAIL_CHECK("the first was not admitted, seed " << seed);
          queue.pop_front();
          drop_expired_heads();
        }
      } else if (!queue.empty()) {
        const auto at = static_cast<std::ptrdiff_t>(random.next() % queue.size());
        if (!b.leave(*queue[static_cast<std::size_t>(at)])) FAIL_CHECK("could not leave, seed " << seed);
        queue.erase(queue.begin() + at);
      }
      if (b.in_flight() != in_flight || b.waiting() != static_cast<int>(queue.size()))
        FAIL_CHECK("counts differ, seed " << seed << " step " << step);
    }
    for (auto* c : queue) b.leave(*c);
  }
}

TEST_CASE("threads never hold more permits than there are, and none is lost") {
  struct thread_caller final : bulkhead::waiter {
    void resume(bulkhead::result_of_wait how) override {
      state.store(how == bulkhead::result_of_wait::admitted ? 1 : 2);
    }
    std::atomic<int> state{0};
  };
  bulkhead b{{.concurrency = 3, .queue = 3, .queue_time = 1h}};
  std::atomic<int> inside{0}, most{0};
  std::atomic<std::int64_t> admitted{0}, refused{0};
  const auto run = [&](std::uint64_t seed) {
    seeded_random random{seed};
    for (int i = 0; i < 4000; ++i) {
      thread_caller self;
      auto got = b.enter(self, monotonic::max(), start);
      if (got == entry::queued) {
        bool left = false;
        while (self.state.load() == 0 && !left) {
          left = random.next() % 8 == 0 && b.leave(self);
          std::this_thread::yield();
        }
        got = left ? entry::refused : entry::admitted;
      }
      if (got == entry::refused) {
        ++refused;
        continue;
      }
      const int n = ++inside;
      for (int m = most; n > m && !most.compare_exchange_weak(m, n);) {}
      if (random.next() % 4 == 0) std::this_thread::yield();
      --inside;
      ++admitted;
      b.release(start);
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t t = 1; t <= 6; ++t) threads.emplace_back(run, t);
  for (auto& t : threads) t.join();
  CHECK(most <= 3);
  CHECK(admitted + refused == 6 * 4000);
  CHECK(b.in_flight() == 0);
  CHECK(b.waiting() == 0);
}
