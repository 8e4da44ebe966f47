// What an I/O thread may handle itself, on real threads.
#include <banyan/actor/system.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

// Who handles it.
struct where {
  using reply = std::thread::id;
};
struct where_of {
  address whom;
  using reply = std::thread::id;
};
struct increase {
  int n = 0;
  using reply = std::int64_t;
};
struct hold {
  std::latch* until;
};
struct open_gate {
  std::latch* gate;
};

// Sent back and forth until `stop`.
struct ball {
  const std::atomic<bool>* stop;
  address other;
};

struct worker : actor {
  explicit worker(bool is_inline) : is_inline_{is_inline} {}
  bool runs_inline() const override { return is_inline_; }
  behavior make_behavior() override {
    return behavior{}
        .on<where>([](const where&) { return std::this_thread::get_id(); })
        .on<where_of>([this](const where_of& w) { return ask_where(w.whom); })
        .on<increase>([this](const increase& a) { return sum_ += a.n; })
        .on<hold>([](const hold& h) { h.until->wait(); })
        .on<ball>([this](const ball& b) {
          if (!*b.stop) self().send(b.other, ball{b.stop, self().me()});
        })
        .on<open_gate>([](const open_gate& o) { o.gate->count_down(); });
  }
  task<result<std::thread::id>> ask_where(address whom) { co_return co_await self().ask<where>(whom, 30s); }
  bool is_inline_;
  std::int64_t sum_ = 0;
};

address spawn(actor_system& s, bool is_inline) {
  auto a = s.spawn([=] { return std::make_unique<worker>(is_inline); });
  s.ask_and_wait(a, where{}, 30s).value();  // it has begun
  return a;
}

// The answer to a request that run_inline() sends, if it has come when that returns.
template <class M>
std::optional<typename M::reply> answer_inline(actor_system& s, const address& to, M request) {
  struct shared {
    std::mutex lock;
    std::optional<typename M::reply> answer;
  };
  auto given = std::make_shared<shared>();
  s.run_inline([&] {
    deliver(to, make_request<M>(
                    [given](result<message_ptr> r) {
                      const std::lock_guard guard{given->lock};
                      given->answer = detail::take_answer<typename M::reply>(*r).value();
                    },
                    std::move(request)));
  });
  const std::lock_guard guard{given->lock};
  return given->answer;
}

}  // namespace

TEST_CASE("a request to an actor that runs inline is answered on the asking thread before run_inline returns") {
  actor_system s{{.threads = 2}};
  const auto a = spawn(s, true), b = spawn(s, true);
  CHECK(answer_inline(s, a, where{}) == std::this_thread::get_id());
  CHECK(answer_inline(s, a, where_of{b}) == std::this_thread::get_id());
}

TEST_CASE("an actor that does not say so is run by the system's own threads, also when one that does asks it") {
  actor_system s{{.threads = 2}};
  const auto quick = spawn(s, true), usual = spawn(s, false);
  const auto direct = s.ask_and_wait(usual, where{}, 30s);
  CHECK(direct.value() != std::this_thread::get_id());
  std::promise<std::thread::id> answer;
  s.run_inline([&] {
    completion<message_ptr> given = [&](result<message_ptr> r) {
      answer.set_value(detail::take_answer<std::thread::id>(*r).value());
    };
    deliver(quick, make_request<where_of>(std::move(given), where_of{usual}));
  });
  CHECK(answer.get_future().get() != std::this_thread::get_id());
}

TEST_CASE("what was sent before an exception is handled, and the exception is passed on") {
  actor_system s{{.threads = 2}};
  const auto a = spawn(s, true);
  CHECK_THROWS_AS(s.run_inline([&] {
    s.send(a, increase{5});
    throw std::runtime_error{"of the handler"};
  }),
                  std::runtime_error);
  CHECK(s.ask_and_wait(a, increase{0}, 30s).value() == 5);
}

TEST_CASE("actors behind one that keeps an I/O thread busy are run by the system's own threads") {
  actor_system s{{.threads = 2}};
  const auto slow = spawn(s, true), other = spawn(s, true);
  std::latch gate{1};
  s.run_inline([&] {
    s.send(other, open_gate{&gate});  // the newest job is first: `slow` holds this thread until `other` has run
    s.send(slow, hold{&gate});
  });
  CHECK(gate.try_wait());
}

TEST_CASE("actors that send to each other without end do not keep an I/O thread") {
  actor_system s{{.threads = 2}};
  const auto a = spawn(s, true), b = spawn(s, true);
  std::atomic<bool> stop{false};
  s.run_inline([&] { s.send(a, ball{&stop, b}); });
  stop = true;
  for (const auto& who : {a, b, a}) s.ask_and_wait(who, where{}, 30s).value();  // none is on its way
}

TEST_CASE("a flood on one actor does not keep an I/O thread: after some turns the others have it") {
  actor_system s{{.threads = 2}};
  const auto a = spawn(s, true);
  constexpr int n = 100'000;
  s.run_inline([&] {
    for (int i = 0; i < n; ++i) s.send(a, increase{1});
  });
  CHECK(s.ask_and_wait(a, increase{0}, 30s).value() == n);
}

TEST_CASE("more threads than the system has places for, and several systems at a time") {
  actor_system first{{.threads = 2}}, second{{.threads = 2}};
  const auto a = spawn(first, true), b = spawn(second, true);
  std::vector<std::thread> threads;
  for (int t = 0; t < 24; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        first.run_inline([&] { first.send(a, increase{1}); });
        second.run_inline([&] { second.send(b, increase{1}); });
      }
    });
  for (auto& t : threads) t.join();
  CHECK(first.ask_and_wait(a, increase{0}, 30s).value() == 24 * 500);
  CHECK(second.ask_and_wait(b, increase{0}, 30s).value() == 24 * 500);
}

TEST_CASE("a system at the address of one that is gone is another one") {
  for (int round = 0; round < 20; ++round) {
    std::optional<actor_system> s{std::in_place, actor_system_options{.threads = 2}};
    const auto a = spawn(*s, true);
    CHECK(answer_inline(*s, a, increase{round}) == round);
  }
}

TEST_CASE("within a simulation nothing runs inline") {
  actor_system s{{.simulated = true}};
  const auto a = s.spawn([] { return std::make_unique<worker>(true); });
  CHECK(answer_inline(s, a, where{}) == std::nullopt);
}
