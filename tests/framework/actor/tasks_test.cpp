// Coroutine handlers: they wait without blocking, and end with their actor.
#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct get {
  int key = 0;
  using reply = int;
};
struct release {};
struct sum_of {
  int a = 0, b = 0;
  using reply = int;
};
struct nap {
  using reply = done;
};
struct fail_later {
  using reply = int;
};
struct forget {
  using reply = int;
};
struct boom {};

// Answers only when released.
struct slow_store : actor {
  behavior make_behavior() override {
    return behavior{}
        .on_message<get>([this](message_ptr& l) { waiting_.push_back(std::move(l)); })
        .on<release>([this](const release&) {
          for (auto& l : waiting_) answer<int>(*l, l->as<get>().key * 10);
          waiting_.clear();
        });
  }
  std::vector<message_ptr> waiting_;
};

struct guard {
  explicit guard(int* n) : n_{n} { ++*n_; }
  guard(const guard&) = delete;
  guard& operator=(const guard&) = delete;
  ~guard() { --*n_; }
  int* n_;
};

struct client : actor {
  client(address store, int* alive) : store_{std::move(store)}, alive_{alive} {}
  behavior make_behavior() override {
    return behavior{}
        .on<sum_of>([this](const sum_of& s) { return add_up(s); })
        .on<nap>([this](const nap&) { return sleep_a_second(); })
        .on<fail_later>([this](const fail_later&) { return fail_after_a_while(); })
        .on<forget>([this](const forget&) { return forget_co_return(); })
        .on<boom>([](const boom&) { throw std::runtime_error{"boom"}; });
  }
  task<result<int>> add_up(const sum_of& s) {
    guard g{alive_};
    auto a = self().ask<get>(store_, 1min, s.a);  // both under way at once
    auto b = self().ask<get>(store_, 1min, s.b);
    auto ra = co_await a;
    if (!ra) co_return ra;
    auto rb = co_await b;
    if (!rb) co_return rb;
    co_return *ra + *rb;
  }
  task<done> sleep_a_second() {
    guard g{alive_};
    co_await self().sleep(1s);
    co_return done{};
  }
  task<result<int>> forget_co_return() { co_await self().sleep(1s); }
  task<int> fail_after_a_while() {
    co_await self().sleep(1s);
    throw std::runtime_error{"later"};
  }
  address store_;
  int* alive_;
};

struct fixture {
  test::stepped s;
  int alive = 0;
  address store = s.spawn<slow_store>();
  address a = s.spawn<client>({}, store, &alive);
};

task<int> one() { co_return 1; }
task<int> count_by_sub_tasks(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await one();
  co_return sum;
}

}  // namespace

TEST_CASE("parallel asks are all under way before the first is awaited", "[tasks]") {
  fixture f;
  auto r = f.s.ask(f.a, sum_of{1, 2}, 1h);
  CHECK(f.alive == 1);
  CHECK_FALSE(r.is_there());
  f.s.send(f.store, release{});
  f.s.run();
  REQUIRE(r.count() == 1);
  CHECK(**r == 30);
  CHECK(f.alive == 0);
}

TEST_CASE("a loop over sub-tasks that end without waiting needs no stack for each of them", "[tasks]") {
  auto all = count_by_sub_tasks(1'000'000);
  all.resume();
  REQUIRE(all.is_done());
  CHECK(all.take() == 1'000'000);
}

TEST_CASE("an actor handles other messages while its tasks wait", "[tasks]") {
  fixture f;
  std::vector<test::stepped::answer_slot<int>> answers;
  for (int i = 0; i < 50; ++i) answers.push_back(f.s.ask(f.a, sum_of{i, i}, 1h));
  CHECK(f.alive == 50);
  f.s.send(f.store, release{});
  f.s.run();
  for (int i = 0; i < 50; ++i) CHECK(**answers[i] == 20 * i);
  CHECK(f.alive == 0);
}

TEST_CASE("tasks are destroyed when their actor crashes or stops, and their requests answered once", "[tasks]") {
  fixture f;
  auto one = f.s.ask(f.a, sum_of{1, 2}, 1h);
  auto two = f.s.ask(f.a, nap{}, 1h);
  CHECK(f.alive == 2);
  SECTION("crash") { f.s.send(f.a, boom{}); }
  SECTION("stop") { stop_actor(f.a); }
  SECTION("suspend") { suspend_actor(f.a); }
  f.s.run();
  CHECK(f.alive == 0);
  REQUIRE(one.count() == 1);
  CHECK(one->error().outcome == outcome::unknown);
  CHECK(two.count() == 1);
  f.s.send(f.store, release{});  // answers to calls of a former life
  f.s.advance(1min);
  CHECK(one.count() == 1);
}

TEST_CASE("an answer to a former incarnation never reaches the next one's calls", "[tasks]") {
  fixture f;
  auto old = f.s.ask(f.a, sum_of{1, 1}, 1h);
  f.s.send(f.a, boom{});
  f.s.run();
  auto fresh = f.s.ask(f.a, sum_of{5, 6}, 1h);
  CHECK(f.alive == 1);
  f.s.send(f.store, release{});
  f.s.run();
  CHECK(old->error().outcome == outcome::unknown);
  CHECK(**fresh == 110);
}

TEST_CASE("an exception in a task that waited crashes the actor and answers its request", "[tasks]") {
  fixture f;
  auto other = f.s.ask(f.a, sum_of{1, 2}, 1h);
  auto r = f.s.ask(f.a, fail_later{}, 1h);
  f.s.advance(2s);
  REQUIRE(r.count() == 1);
  CHECK(r->error().code == code::internal);
  CHECK(r->error().message == "the request failed; see the log");
  REQUIRE(other.count() == 1);
  CHECK(f.s.system.counters().crashes == 1);
  CHECK(f.alive == 0);
}

TEST_CASE("a coroutine that ends without co_return crashes its actor and answers its request", "[tasks]") {
  fixture f;
  auto r = f.s.ask(f.a, forget{}, 1h);
  f.s.advance(2s);
  REQUIRE(r.count() == 1);
  CHECK(r->error().code == code::internal);
  CHECK(f.s.system.counters().crashes == 1);
}

TEST_CASE("a call's deadline is the earlier of its own and its message's", "[tasks]") {
  fixture f;
  auto r = f.s.ask(f.a, sum_of{1, 2}, 100ms);  // the client's calls ask for a minute
  f.s.advance(100ms + 4 * call_table::resolution);
  REQUIRE(r.count() == 1);
  CHECK(r->error().code == code::deadline_exceeded);
  CHECK(f.alive == 0);  // and so its task ended, not only its asker's patience
}

TEST_CASE("a sleep ends after its time, not before, and within the resolution", "[tasks]") {
  fixture f;
  auto r = f.s.ask(f.a, nap{}, 1h);
  f.s.advance(1s - 1ms);
  CHECK_FALSE(r.is_there());
  f.s.advance(1ms + 2 * call_table::resolution);
  CHECK(r.is_there());
}

TEST_CASE("waits that never end by themselves are no overflow", "[tasks]") {
  test::stepped s;
  struct patient : actor {
    behavior make_behavior() override {
      return behavior{}.on<nap>([this](const nap&) { return doze(); });
    }
    task<done> doze() {
      self().after(nanoseconds::max(), boom{});
      co_await self().sleep(nanoseconds::max());
      co_return done{};
    }
  };
  auto a = s.spawn<patient>();
  auto r = s.ask(a, nap{}, nanoseconds::max());
  s.advance(24h);
  CHECK_FALSE(r.is_there());
  stop_actor(a);
  s.run();
  CHECK(r.count() == 1);
}

namespace {

// A port with its own thread, and one that forgets.
struct port_user : actor {
  behavior make_behavior() override {
    return behavior{}
        .on<get>([this](const get& g) { return read(g.key); })
        .on<nap>([this](const nap&) { return never(); })
        .on<sum_of>([this](const sum_of&) { return cannot_start(); })
        .on<fail_later>([this](const fail_later&) { return dropped(); });
  }
  task<result<int>> read(int key) {
    co_return co_await self().wait_for<int>(1s, [&](completion<int> done) { done(key + 1); });
  }
  task<result<done>> never() {
    co_return co_await self().wait_for<done>(1s, [this](completion<done> d) { kept_ = std::move(d); });
  }
  task<result<int>> dropped() {
    co_return co_await self().wait_for<int>(1h, [](completion<int>) {});
  }
  task<result<int>> cannot_start() {
    try {
      co_return co_await self().wait_for<int>(10ms, [](completion<int>) { throw std::runtime_error{"port closed"}; });
    } catch (const std::runtime_error&) {
    }
    co_await self().sleep(1s);
    co_return 7;
  }
  completion<done> kept_;
};

}  // namespace

TEST_CASE("a port's answer, silence, loss and refusal to start all end the wait", "[tasks]") {
  test::stepped s;
  auto a = s.spawn<port_user>();
  CHECK(**s.ask(a, get{1}) == 2);
  CHECK(s.ask(a, fail_later{}, 1h)->error().code == code::unavailable);
  auto silent = s.ask(a, nap{}, 1h);
  s.advance(1s + 2 * call_table::resolution);
  REQUIRE(silent.count() == 1);
  CHECK(silent->error().code == code::deadline_exceeded);
  auto refused = s.ask(a, sum_of{}, 1h);
  s.advance(2s);
  CHECK(**refused == 7);
}

TEST_CASE("calls of many different limits leave no wake-ups behind", "[tasks]") {
  test::stepped s;
  struct caller : actor {
    explicit caller(address to) : to_{std::move(to)} {}
    behavior make_behavior() override {
      return behavior{}.on<sum_of>([this](const sum_of& l) { return ask(milliseconds(l.a)); });
    }
    static timespan milliseconds(int n) { return std::chrono::milliseconds{n}; }
    task<result<int>> ask(timespan limit) { co_return co_await self().ask<get>(to_, limit, 1); }
    address to_;
  };
  auto store = s.spawn<slow_store>();
  auto a = s.spawn<caller>({}, store);
  for (int i = 0; i < 500; ++i) {
    s.send(a, sum_of{5000, 0});
    s.send(a, sum_of{20, 0});
    s.advance(30ms);
  }
  s.advance(1ms);
  CHECK(s.timers() < 20);

  SECTION("and calls of one limit, made one after the other, share one wake-up") {
    s.advance(1min);
    const auto before = s.timers();
    for (int i = 0; i < 1000; ++i) {
      s.send(a, sum_of{5000, 0});
      s.advance(100us);
    }
    CHECK(s.timers() <= before + 1);
  }
}
