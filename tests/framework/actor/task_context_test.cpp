// What travels with an ask: the remaining time, the context, and what an answer includes.
#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct short_nap {
  using reply = done;
};
struct remaining {
  using reply = std::int64_t;
};
struct get_trace {
  using reply = std::string;
};

// Asks `below` and tells what it saw.
struct hop : actor {
  explicit hop(address below) : below_{std::move(below)} {}
  behavior make_behavior() override {
    return behavior{}
        .on<remaining>([this](const remaining&) { return time_left(); })
        .on<get_trace>([this](const get_trace&) { return trace(); });
  }
  task<result<std::int64_t>> time_left() {
    if (!below_) co_return (self().deadline() - self().steady()).count();
    co_await self().sleep(10ms);
    co_return co_await self().ask<remaining>(below_, 1h);
  }
  task<result<std::string>> trace() {
    if (!below_) co_return self().context() ? self().context()->trace : std::string{"none"};
    co_await self().sleep(1ms);
    co_return co_await self().ask<get_trace>(below_, 1h);
  }
  address below_;
};

}  // namespace

TEST_CASE("the remaining time and the context travel down a chain of asks, over waits", "[tasks]") {
  test::stepped s;
  auto end = s.spawn<hop>({}, address{});
  auto middle = s.spawn<hop>({}, end);
  auto top = s.spawn<hop>({}, middle);
  auto left = s.ask(top, remaining{}, 1s);
  s.advance(100ms);
  REQUIRE(left.is_there());
  CHECK(**left <= 980'000'000);
  CHECK(**left > 900'000'000);

  auto l = make_message<get_trace>();
  message_context context;
  context.trace = "00-1-2-01";
  l->context = std::make_shared<const message_context>(context);
  test::stepped::answer_slot<std::string> trace;
  s.system.ask_message(top, l, 1s, [slot = trace.slot()](result<message_ptr> r) mutable { slot((*r)->as<std::string>()); });
  s.advance(100ms);
  CHECK(**trace == "00-1-2-01");

  auto plain = s.ask(top, get_trace{}, 1s);
  s.advance(100ms);
  CHECK(**plain == "none");  // nothing is left over from the one before
}

namespace {

struct write {
  using reply = done;
};
struct write_then_read {
  using reply = std::int64_t;
};
struct read_at {
  using reply = std::int64_t;
};

struct journalled : actor {
  behavior make_behavior() override {
    return behavior{}
        .on_message<write>([](message_ptr& l) {
          auto answer = make_message<done>();
          answer->position = 77;
          l->answer(std::move(answer));
        })
        .on_message<read_at>([](message_ptr& l) { answer<std::int64_t>(*l, l->position); });
  }
};
struct reader_of_writes : actor {
  explicit reader_of_writes(address to) : to_{std::move(to)} {}
  behavior make_behavior() override {
    return behavior{}.on<write_then_read>([this](const write_then_read&) { return both(); });
  }
  task<result<std::int64_t>> both() {
    (void)co_await self().ask<write>(to_, 1s);
    co_return co_await self().ask<read_at>(to_, 1s);
  }
  address to_;
};

}  // namespace

TEST_CASE("what an answer includes is asked for next, and told on: read your writes", "[tasks]") {
  test::stepped s;
  auto j = s.spawn<journalled>();
  auto r = s.spawn<reader_of_writes>({}, j);
  std::int64_t read_as_of = 0, told = 0;
  s.system.ask_message(r, make_message<write_then_read>(), 1s, [&](result<message_ptr> a) {
    read_as_of = (*a)->as<std::int64_t>();
    told = (*a)->position;
  });
  s.run();
  CHECK(read_as_of == 77);
  CHECK(told == 77);
}

TEST_CASE("a background task is bound neither by the deadline nor by the context of the message that began it", "[tasks]") {
  test::stepped s;
  struct starter : actor {
    explicit starter(std::vector<bool>* f) : free_{f} {}
    behavior make_behavior() override {
      return behavior{}.on<short_nap>([this](const short_nap&) {
        self().run(background());
        free_->push_back(self().deadline() != monotonic::max());  // the handler's own is back
      });
    }
    task<void> background() {
      free_->push_back(self().deadline() == monotonic::max() && !self().context());
      co_await self().sleep(1s);
      free_->push_back(self().deadline() == monotonic::max() && !self().context());
    }
    std::vector<bool>* free_;
  };
  std::vector<bool> free;
  auto a = s.spawn<starter>({}, &free);
  auto r = s.ask(a, short_nap{}, 100ms);
  CHECK(r.count() == 1);
  s.advance(2s);
  CHECK(free == std::vector<bool>{true, true, true});
}
