// The system on real threads: nothing here depends on timing, only on what must be true in the end.
#include <banyan/actor/system.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct add {
  int n = 0;
  using reply = std::int64_t;
};
struct explode {
  using reply = std::int64_t;
};
struct relay_add {
  int n = 0;
  using reply = std::int64_t;
};
struct forever {
  using reply = done;
};

struct adder : actor {
  behavior make_behavior() override {
    return behavior{}
        .on<add>([this](const add& a) { return sum_ += a.n; })
        .on<explode>([](const explode&) -> std::int64_t { throw std::runtime_error{"boom"}; });
  }
  std::int64_t sum_ = 0;
};

struct relay : actor {
  explicit relay(address to) : to_{std::move(to)} {}
  behavior make_behavior() override {
    return behavior{}
        .on<relay_add>([this](const relay_add& a) { return pass_on(a.n); })
        .on<forever>([this](const forever&) { return wait(); });
  }
  task<result<std::int64_t>> pass_on(int n) { co_return co_await self().ask<add>(to_, 30s, n); }
  task<done> wait() {
    co_await self().sleep(1h);
    co_return done{};
  }
  address to_;
};

template <class A, class... Args>
address spawn(actor_system& s, Args... args) {
  return s.spawn([args...] { return std::make_unique<A>(args...); });
}

struct tally {
  std::atomic<int> values{0}, errors{0};
  template <class T>
  completion<T> one() {
    return [this](result<T> r) { ++(r ? values : errors); };
  }
  int total() const { return values + errors; }
};

void wait_for(const tally& t, int n) {
  while (t.total() < n) std::this_thread::yield();
}

}  // namespace

TEST_CASE("many threads ask at once; each gets every answer", "[system]") {
  actor_system s{{.threads = 2}};
  auto a = spawn<adder>(s);
  auto r = spawn<relay>(s, a);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 300; ++i) {
        if (!s.ask_and_wait(a, add{1}, 30s)) ++wrong;
        if (!s.ask_and_wait(r, relay_add{1}, 30s)) ++wrong;
      }
    });
  for (auto& t : threads) t.join();
  CHECK(wrong == 0);
  CHECK(*s.ask_and_wait(a, add{0}, 30s) == 2400);
}

TEST_CASE("every request is answered exactly once while its actor crashes again and again", "[system]") {
  tally t;
  const int n = 20'000;
  {
    actor_system s{{.threads = 2}};
    auto a = s.spawn([] { return std::make_unique<adder>(); }, {.restart = {.min = 1us, .max = 10us}, .stash_limit = n});
    for (int i = 0; i < n; ++i) {
      if (i % 50 == 0)
        s.ask(a, explode{}, 30s, t.one<std::int64_t>());
      else
        s.ask(a, add{1}, 30s, t.one<std::int64_t>());
    }
    wait_for(t, n);
    CHECK(s.counters().crashes == n / 50);
  }
  CHECK(t.total() == n);
  CHECK(t.errors >= n / 50);
}

TEST_CASE("shutting down with work under way answers everything and ends in time", "[system]") {
  tally t;
  int asked = 0;
  {
    actor_system s{{.threads = 2}};
    auto a = spawn<adder>(s);
    auto r = spawn<relay>(s, a);
    for (int i = 0; i < 2000; ++i, asked += 2) {
      s.ask(r, relay_add{1}, 30s, t.one<std::int64_t>());
      s.ask(r, forever{}, 1h, t.one<done>());
    }
    CHECK(s.shutdown());
    CHECK(s.counters().stopped == 3);
    s.ask(a, add{1}, 1s, t.one<std::int64_t>());  // after the end
    ++asked;
    wait_for(t, asked);
  }
  CHECK(t.total() == asked);
}

TEST_CASE("asking while the system shuts down from another thread is answered", "[system]") {
  for (int round = 0; round < 20; ++round) {
    tally t;
    int asked = 0;
    {
      actor_system s{{.threads = 2}};
      auto a = spawn<adder>(s);
      std::atomic<bool> go{false};
      std::thread asker{[&] {
        go = true;
        for (; asked < 500; ++asked) s.ask(a, add{1}, 30s, t.one<std::int64_t>());
      }};
      while (!go) std::this_thread::yield();
      CHECK(s.shutdown());
      asker.join();
    }
    CHECK(t.total() == asked);
  }
}

TEST_CASE("an actor spawned after the shutdown is stopped at once", "[system]") {
  actor_system s{{.threads = 2}};
  CHECK(s.shutdown());
  auto a = spawn<adder>(s);
  CHECK_FALSE(s.ask_and_wait(a, add{1}, 1s));
}

TEST_CASE("asking from outside ends in its time, also when every worker is blocked", "[system]") {
  struct block {};
  struct blocked : actor {
    explicit blocked(std::shared_future<void> until) : until_{std::move(until)} {}
    behavior make_behavior() override {
      return behavior{}.on<block>([this](const block&) { until_.wait(); });
    }
    std::shared_future<void> until_;
  };
  std::promise<void> over;
  actor_system s{{.threads = 1}};
  const auto until = over.get_future().share();
  const auto b = s.spawn([until] { return std::make_unique<blocked>(until); });
  const auto a = spawn<adder>(s);
  s.send(b, block{});
  const auto answer = s.ask_and_wait(a, add{1}, 10ms);
  over.set_value();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == code::deadline_exceeded);
}

TEST_CASE("an actor that has ended frees what its factory holds", "[system]") {
  auto token = std::make_shared<int>(1);
  actor_system s{{.threads = 2}};
  for (int i = 0; i < 100; ++i) {
    auto a = s.spawn([token] { return std::make_unique<adder>(); });
    std::promise<void> ended;
    stop_actor(a, [&](result<done>) { ended.set_value(); });
    ended.get_future().wait();
  }
  while (token.use_count() > 1) std::this_thread::yield();
  CHECK(token.use_count() == 1);
}

TEST_CASE("the order of one sender's messages is kept over crashes and threads", "[system]") {
  struct numbered {
    int n;
  };
  struct checker : actor {
    checker(std::atomic<int>* next, std::atomic<int>* wrong) : next_{next}, wrong_{wrong} {}
    behavior make_behavior() override {
      return behavior{}.on<numbered>([this](const numbered& m) {
        if (m.n != (*next_)++) ++*wrong_;
        if (m.n % 97 == 0) throw 1;
      });
    }
    std::atomic<int>*next_, *wrong_;
  };
  std::atomic<int> next{0}, wrong{0};
  actor_system s{{.threads = 2}};
  auto a = s.spawn([&] { return std::make_unique<checker>(&next, &wrong); },
                   {.restart = {.min = 1us, .max = 100us}, .stash_limit = 1'000'000});
  for (int i = 0; i < 20'000; ++i) s.send(a, numbered{i});
  while (next < 20'000) std::this_thread::yield();
  CHECK(wrong == 0);
}

TEST_CASE("an actor that never runs out of messages lets the others on its thread have their turn", "[system]") {
  struct again {};
  struct busy : actor {
    behavior make_behavior() override {
      return behavior{}.on<again>([this](const again&) { self().send(self().me(), again{}); });
    }
  };
  actor_system s{{.threads = 1}};
  auto flooded = s.spawn([] { return std::make_unique<busy>(); });
  auto other = spawn<adder>(s);
  s.send(flooded, again{});
  for (int i = 1; i <= 10; ++i) CHECK(s.ask_and_wait(other, add{1}, 30s).value() == i);
}
