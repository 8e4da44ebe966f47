// A caller that gives up: what it asked for is dropped or ended, and so is what that one asked for in turn.
#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <malloc.h>

#include <list>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct work {
  using reply = int;
  int number = 0;
};

// Each piece of work takes 10 s.
struct worker : actor {
  explicit worker(int* begun, int* ended) : begun_{begun}, ended_{ended} {}
  behavior make_behavior() override {
    return behavior{}.on<work>([this](const work& w) { return slowly(w); });
  }
  struct end_counter {
    int* ended;
    ~end_counter() { ++*ended; }
  };
  task<int> slowly(const work& w) {
    ++*begun_;
    const end_counter counted{ended_};
    co_await self().sleep(10s);
    co_return w.number;
  }
  int *begun_, *ended_;
};

struct caller : actor {
  struct ask_one {
    bool may_end = true;
    nanoseconds limit = 1h;
    bool has_context = true;
    using reply = int;
  };
  struct give_up_all {};

  explicit caller(address to) : to_{std::move(to)} {}
  behavior make_behavior() override {
    return behavior{}
        .on<ask_one>([this](const ask_one& a) { return ask(a); })
        .on<give_up_all>([this](const give_up_all&) {
          throw std::runtime_error{"the caller crashes, and what it waits for with it"};
        });
  }
  task<result<int>> ask(const ask_one& a) {
    auto request = make_message<work>(work{7});
    if (a.has_context) {
      auto context = std::make_shared<message_context>();
      context->is_of_one_request = true;
      context->ends_when_given_up = a.may_end;
      request->context = std::move(context);
    }
    co_return co_await self().ask_message<int>(to_, timespan{a.limit}, std::move(request));
  }
  address to_;
};

struct world {
  test::stepped s;
  int begun = 0, ended = 0;
  address worker_at = s.spawn<worker>({}, &begun, &ended);
  address caller_at = s.spawn<caller>({}, worker_at);
  auto ask(caller::ask_one a) { return s.ask(caller_at, a, 2h); }
};

// Bytes; 0 where malloc does not say (another C library, a sanitizer).
std::size_t heap_in_use() {
#ifdef __GLIBC__
  const auto m = ::mallinfo2();
  return m.uordblks + m.hblkhd;
#else
  return 0;
#endif
}

}  // namespace

TEST_CASE("the task of a caller that is gone is ended at once", "[give_up]") {
  world w;
  w.ask({});
  REQUIRE(w.begun == 1);
  w.s.send(w.caller_at, caller::give_up_all{});
  w.s.run();
  CHECK(w.ended == 1);
  CHECK(w.s.system.counters().ended_tasks == 1);
}

TEST_CASE("the task of a caller whose time is over is ended, and the caller hears that it got no answer", "[give_up]") {
  world w;
  auto answer = w.ask({.limit = 3s});
  w.s.advance(4s);
  REQUIRE(answer.is_there());
  CHECK(answer->error().code == code::deadline_exceeded);
  CHECK(w.ended == 1);
  CHECK(w.s.system.counters().ended_tasks == 1);
}

TEST_CASE("a task that may not be ended is completed", "[give_up]") {
  world w;
  w.ask({.may_end = false});
  w.s.send(w.caller_at, caller::give_up_all{});
  w.s.run();
  CHECK(w.ended == 0);
  w.s.advance(11s);
  CHECK(w.ended == 1);
  CHECK(w.s.system.counters().ended_tasks == 0);
}

TEST_CASE("a request without a context of its own is not given up", "[give_up]") {
  world w;
  w.ask({.has_context = false});
  w.s.send(w.caller_at, caller::give_up_all{});
  w.s.run();
  CHECK(w.ended == 0);
}

TEST_CASE("what has not begun when its caller gives up is never begun", "[give_up]") {
  const bool may_end = GENERATE(true, false);
  world w;
  w.s.run();
  suspend_actor(w.worker_at);  // so that the request waits
  w.ask({.may_end = may_end});
  w.s.send(w.caller_at, caller::give_up_all{});
  w.s.run();
  restart_actor(w.worker_at);
  w.s.run();
  CHECK(w.begun == 0);
  CHECK(w.s.system.counters().cancelled == 1);
}

TEST_CASE("only the task of that caller is ended", "[give_up]") {
  world w;
  auto other = w.s.spawn<caller>({}, w.worker_at);
  auto kept = w.s.ask(other, caller::ask_one{}, 2h);
  w.ask({});
  REQUIRE(w.begun == 2);
  w.s.send(w.caller_at, caller::give_up_all{});
  w.s.run();
  CHECK(w.ended == 1);
  w.s.advance(11s);
  CHECK(**kept == 7);
}

TEST_CASE("giving up what was answered, or what nobody knows, does nothing", "[give_up]") {
  world w;
  auto answer = w.ask({});
  w.s.advance(11s);
  REQUIRE(**answer == 7);
  auto context = std::make_shared<message_context>();
  context->is_of_one_request = context->ends_when_given_up = true;
  give_up(w.worker_at, context);
  give_up(w.worker_at, nullptr);
  give_up({}, context);
  w.s.run();
  CHECK(w.s.system.counters().ended_tasks == 0);
}

TEST_CASE("calls that are given up leave nothing behind", "[give_up][long_run]") {
  struct asks_and_leaves : actor {
    struct ask_all {
      int calls;
    };
    struct leave {};
    explicit asks_and_leaves(address to) : to_{std::move(to)} {}
    behavior make_behavior() override {
      return behavior{}
          .on<ask_all>([this](const ask_all& a) {
            for (int i = 0; i < a.calls; ++i) {
              auto context = std::make_shared<message_context>();
              context->is_of_one_request = context->ends_when_given_up = true;
              auto request = make_message<work>(work{i});
              request->context = std::move(context);
              calls_.emplace_back(self(), to_, std::move(request), monotonic::max());
            }
          })
          .on<leave>([this](const leave&) { calls_.clear(); });
    }
    address to_;
    std::list<answer_awaiter<int>> calls_;
  };
  world w;
  const auto a = w.s.spawn<asks_and_leaves>({}, w.worker_at);
  constexpr int rounds = 10'000, calls = 100;
  // All of a round have begun before they are given up.
  const auto play = [&](int times) {
    for (int i = 0; i < times; ++i) {
      w.s.send(a, asks_and_leaves::ask_all{calls});
      w.s.run();
      w.s.send(a, asks_and_leaves::leave{});
      w.s.run();
    }
  };
  play(100);
  const auto before = heap_in_use();
  play(rounds - 100);
  CHECK(heap_in_use() <= before + 64 * 1024);
  CHECK(w.s.system.counters().ended_tasks == rounds * calls);
  CHECK(w.begun == rounds * calls);
  CHECK(w.ended == rounds * calls);
  CHECK(w.s.timers() <= 2);
}
