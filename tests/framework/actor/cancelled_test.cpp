// Requests whose outside asker is gone: what has not begun is not begun.
#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct add {
  int n = 0;
  using reply = int;
};
struct add_slowly {
  int n = 0;
  using reply = int;
};

struct adder : actor {
  explicit adder(int* sum) : sum_{sum} {}
  behavior make_behavior() override {
    return behavior{}.on<add>([this](const add& a) { return *sum_ += a.n; }).on<add_slowly>([this](const add_slowly& a) { return slowly(a); });
  }
  task<int> slowly(const add_slowly& a) {
    *sum_ += a.n;
    co_await self().sleep(1s);
    co_return *sum_ += a.n;
  }
  int* sum_;
};

struct world {
  test::stepped s;
  int sum = 0;
  address a = s.spawn<adder>({.stash_limit = 3}, &sum);
  std::shared_ptr<cancellation> flag = std::make_shared<cancellation>();

  template <class M>
  test::stepped::answer_slot<int> ask(M m, cancellation_ptr c) {
    test::stepped::answer_slot<int> slot;
    auto l = make_message<M>(std::move(m));
    message_context context;
    context.cancelled = std::move(c);
    l->context = std::make_shared<const message_context>(std::move(context));
    s.system.ask_message(a, std::move(l), 1h, [done = slot.slot()](result<message_ptr> r) mutable { done(detail::take_answer<int>(*r)); });
    return slot;
  }
};

}  // namespace

TEST_CASE("a queued request whose asker is gone is answered and not begun; others are", "[cancelled]") {
  world f;
  auto dropped = f.ask(add{1}, f.flag), kept = f.ask(add{10}, std::make_shared<cancellation>()), plain = f.ask(add{100}, nullptr);
  f.flag->cancel();
  f.s.run();
  CHECK(f.sum == 110);
  REQUIRE(dropped.count() == 1);
  CHECK(dropped->error().code == code::unavailable);
  CHECK(dropped->error().outcome == outcome::not_applied);
  CHECK(**kept == 10);
  CHECK(**plain == 110);
  CHECK(f.s.system.counters().cancelled == 1);
}

TEST_CASE("what has begun is completed though its asker is gone", "[cancelled]") {
  world f;
  auto r = f.ask(add_slowly{1}, f.flag);
  f.s.run();
  CHECK(f.sum == 1);
  f.flag->cancel();
  f.s.advance(2s);
  CHECK(f.sum == 2);
  CHECK(**r == 2);
}

TEST_CASE("what waits for a restart is not begun either, and makes room before then", "[cancelled]") {
  world f;
  f.s.run();
  suspend_actor(f.a);
  f.s.run();
  std::vector<test::stepped::answer_slot<int>> dropped;
  for (int i = 0; i < 3; ++i) dropped.push_back(f.ask(add{1}, f.flag));
  f.s.run();
  f.flag->cancel();
  SECTION("room") {
    auto more = f.ask(add{10}, nullptr);
    f.s.run();
    CHECK_FALSE(more.is_there());
    for (auto& d : dropped) CHECK(d.count() == 1);
    restart_actor(f.a);
    f.s.run();
    CHECK(**more == 10);
  }
  SECTION("restart") {
    for (auto& d : dropped) CHECK_FALSE(d.is_there());
    restart_actor(f.a);
    f.s.run();
    for (auto& d : dropped) REQUIRE(d.count() == 1);
    CHECK(f.sum == 0);
  }
  CHECK(f.s.system.counters().cancelled == 3);
  CHECK(f.s.system.counters().refused_while_down == 0);
}
