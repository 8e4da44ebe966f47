// The queue of one subscriber: order, bound, and who is told of what.
#include <banyan/topic/event_queue.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <new>
#include <thread>
#include <vector>

using namespace banyan;

namespace {

shared_event number(int n) { return std::make_shared<const int>(n); }
int value(const shared_event& e) { return *static_cast<const int*>(e.get()); }

std::vector<int> all_of(event_queue& q) {
  std::vector<int> all;
  while (auto e = q.take()) all.push_back(value(e));
  return all;
}

}  // namespace

TEST_CASE("who takes over a queue takes all, and who had it before nothing more", "[topic]") {
  event_queue waiting{8};
  const auto first = waiting.take_over();
  waiting.push(number(1));
  CHECK(value(waiting.take(first)) == 1);
  const auto second = waiting.take_over();
  int wakes = 0;
  waiting.call({.wake = [&] { ++wakes; }, .stalled = {}});
  CHECK_FALSE(waiting.take(second));
  waiting.push(number(2));
  CHECK(wakes == 1);
  CHECK_FALSE(waiting.take(first));
  waiting.push(number(3));
  CHECK(wakes == 1);  // the earlier one did not end what the later one was woken for
  CHECK(value(waiting.take(second)) == 2);
  CHECK(value(waiting.take(second)) == 3);
}

TEST_CASE("a subscriber that could not be woken is woken by the next event", "[topic]") {
  event_queue waiting{8};
  int wakes = 0;
  waiting.call({.wake =
                    [&] {
                      if (++wakes == 1) throw std::bad_alloc{};
                    },
                .stalled = {}});
  waiting.push(number(1));
  waiting.push(number(2));
  waiting.push(number(3));
  CHECK(wakes == 2);
  CHECK(all_of(waiting) == std::vector{1, 2, 3});
}

TEST_CASE("events are taken in the order in which they were published", "[topic]") {
  event_queue waiting{8};
  for (int n = 1; n <= 8; ++n) waiting.push(number(n));
  CHECK(all_of(waiting) == std::vector{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(waiting.count().dropped == 0);
}

TEST_CASE("a full queue drops its oldest event, counts it, and is told once", "[topic]") {
  int told = 0;
  event_queue waiting{3};
  waiting.call({.wake = {}, .stalled = [&] { ++told; }});
  for (int n = 1; n <= 10; ++n) waiting.push(number(n));
  CHECK(waiting.count().waiting == 3);
  CHECK(waiting.count().dropped == 7);
  CHECK(waiting.count().is_stalled);
  CHECK(told == 1);
  CHECK(value(waiting.take()) == 8);
  CHECK(waiting.count().is_stalled);  // until all is taken
  CHECK(all_of(waiting) == std::vector{9, 10});
  CHECK_FALSE(waiting.count().is_stalled);
  for (int n = 11; n <= 14; ++n) waiting.push(number(n));
  CHECK(told == 2);
  CHECK(waiting.count().dropped == 8);
}

TEST_CASE("a dropped event is destroyed at once, and one that is taken with its last user", "[topic]") {
  event_queue waiting{1};
  const auto first = std::make_shared<const int>(1), second = std::make_shared<const int>(2);
  waiting.push(first);
  waiting.push(second);
  CHECK(first.use_count() == 1);
  CHECK(second.use_count() == 2);
  waiting.take();
  CHECK(second.use_count() == 1);
}

TEST_CASE("the subscriber is woken by the first event after it found nothing", "[topic]") {
  int woken = 0;
  event_queue waiting{8};
  waiting.call({.wake = [&] { ++woken; }, .stalled = {}});
  waiting.push(number(1));
  waiting.push(number(2));
  CHECK(woken == 1);
  waiting.take();
  waiting.push(number(3));
  CHECK(woken == 1);  // it has not found it empty yet
  all_of(waiting);
  waiting.push(number(4));
  CHECK(woken == 2);
}

TEST_CASE("of what threads publish at the same time nothing is lost but what is counted, and the bound holds",
          "[topic]") {
  constexpr int publishers = 3, each = 20'000;
  constexpr std::size_t capacity = 64;
  event_queue waiting{capacity};
  std::atomic<int> wakes{0}, publishing{publishers};
  waiting.call({.wake = [&] { ++wakes; }, .stalled = {}});
  std::vector<std::thread> threads;
  for (int p = 0; p < publishers; ++p)
    threads.emplace_back([&, p] {
      for (int n = 0; n < each; ++n) waiting.push(number(p * each + n));
      --publishing;
    });
  std::vector<int> last(publishers, -1);
  std::uint64_t taken = 0;
  bool is_ordered = true, is_bounded = true;
  for (;;) {
    const bool is_over = publishing == 0;
    is_bounded = is_bounded && waiting.count().waiting <= capacity;
    while (auto e = waiting.take()) {
      ++taken;
      auto& before = last[static_cast<std::size_t>(value(e) / each)];
      is_ordered = is_ordered && value(e) % each > before;
      before = value(e) % each;
    }
    if (is_over) break;
  }
  for (auto& t : threads) t.join();
  CHECK(is_ordered);
  CHECK(is_bounded);
  CHECK(wakes > 0);
  CHECK(taken + waiting.count().dropped == publishers * each);
}
