#include <banyan/actor/mailbox.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace banyan;

namespace {

struct numbered {
  int sender = 0, n = 0;
};

struct counted {
  explicit counted(int* n) : alive{n} { ++*alive; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --*alive; }
  int* alive;
};

message_ptr make(int n, bool urgent = false, int sender = 0) {
  auto l = make_message<numbered>(numbered{sender, n});
  l->urgent = urgent;
  return l;
}

mailbox::pushed push(mailbox& m, message_ptr l) { return m.push(l); }

std::vector<int> drain(mailbox& m) {
  std::vector<int> all;
  while (auto l = m.pop()) all.push_back(l->as<numbered>().n);
  return all;
}

}  // namespace

TEST_CASE("messages come out in the order in which they were put in", "[mailbox]") {
  mailbox m;
  for (int i = 0; i < 5; ++i) CHECK(push(m, make(i)) == mailbox::pushed::queued);
  CHECK(m.pop()->as<numbered>().n == 0);
  for (int i = 5; i < 8; ++i) push(m, make(i));
  CHECK(drain(m) == std::vector<int>{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("an urgent message overtakes what waits, also what the reader has fetched already", "[mailbox]") {
  mailbox m;
  for (int i = 0; i < 3; ++i) push(m, make(i));
  CHECK(m.pop()->as<numbered>().n == 0);
  push(m, make(100, true));
  push(m, make(3));
  push(m, make(101, true));
  CHECK(drain(m) == std::vector<int>{100, 101, 1, 2, 3});
}

TEST_CASE("the one push that finds the reader idle is told so", "[mailbox]") {
  mailbox m;
  CHECK(m.try_sleep());
  CHECK(push(m, make(1)) == mailbox::pushed::first);
  CHECK(push(m, make(2)) == mailbox::pushed::queued);
  CHECK_FALSE(m.try_sleep());
  CHECK(m.pop()->as<numbered>().n == 1);
  CHECK_FALSE(m.try_sleep());  // fetched, not handled
  CHECK(m.pop()->as<numbered>().n == 2);
  CHECK(m.try_sleep());
}

TEST_CASE("a closed mailbox destroys what it held and takes nothing more", "[mailbox]") {
  int alive = 0;
  mailbox m;
  for (int i = 0; i < 3; ++i) push(m, make_message<counted>(&alive));
  {
    auto first = m.pop();
    CHECK(alive == 3);
    m.close();
    CHECK(alive == 1);
  }
  auto late = make_message<counted>(&alive);
  CHECK(m.push(late) == mailbox::pushed::closed);
  CHECK(late);
  CHECK(alive == 1);
  m.close();
}

TEST_CASE("a mailbox whose reader sleeps can be closed", "[mailbox]") {
  mailbox m;
  CHECK(m.try_sleep());
  m.close();
  CHECK(push(m, make(1)) == mailbox::pushed::closed);
}

TEST_CASE("many senders: each one's order is kept, nothing is lost, and every sleep is ended by one push", "[mailbox]") {
  constexpr int senders = 4, each = 20'000;
  mailbox m;
  std::atomic<int> wakes{0};
  std::vector<std::thread> threads;
  for (int s = 0; s < senders; ++s)
    threads.emplace_back([&, s] {
      for (int i = 0; i < each; ++i)
        if (push(m, make(i, i % 16 == 0, s)) == mailbox::pushed::first) ++wakes;
    });
  std::vector<int> next_normal(senders, 1), next_urgent(senders, 0);
  int got = 0, sleeps = 0, wrong = 0;
  while (got < senders * each) {
    if (auto l = m.pop()) {
      auto& [s, n] = l->as<numbered>();
      auto& next = n % 16 == 0 ? next_urgent[s] : next_normal[s];
      if (n != next) ++wrong;
      next += n % 16 == 0 ? 16 : (n % 16 == 15 ? 2 : 1);
      ++got;
    } else if (m.try_sleep()) {
      ++sleeps;
      while (wakes < sleeps) std::this_thread::yield();
    }
  }
  for (auto& t : threads) t.join();
  CHECK(wrong == 0);
  CHECK(wakes == sleeps);
}
