// A request is answered exactly once, whatever becomes of it.
#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct add {
  int n = 0;
  using reply = int;
};
struct refuse {
  using reply = int;
};
struct forget {
  using reply = int;
};
struct keep {
  using reply = int;
};
struct explode {
  using reply = int;
};
struct nothing {
  using reply = done;
};
struct never_heard_of {
  using reply = int;
};
struct stop_now {
  using reply = int;
};

struct worker : actor {
  behavior make_behavior() override {
    return behavior{}
        .on<add>([this](const add& a) { return sum_ += a.n; })
        .on<refuse>([](const refuse&) -> result<int> { return error{code::refused, "no"}.because("no_means_no"); })
        .on<explode>([](const explode&) -> int { throw std::runtime_error{"boom"}; })
        .on<nothing>([](const nothing&) {})
        .on<stop_now>([this](const stop_now&) {
          self().stop();
          return 1;
        })
        .on_message<forget>([](message_ptr&) {})
        .on_message<keep>([this](message_ptr& m) { kept_.push_back(std::move(m)); });
  }
  int sum_ = 0;
  std::vector<message_ptr> kept_;
};

}  // namespace

TEST_CASE("a request is answered with the handler's value, error or done", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  CHECK(**s.ask(w, add{2}) == 2);
  CHECK(**s.ask(w, add{3}) == 5);
  CHECK((*s.ask(w, refuse{})).error().reason == "no_means_no");
  CHECK((*s.ask(w, nothing{})).has_value());
}

TEST_CASE("a message without a handler is answered `unimplemented` with its name", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  auto r = *s.ask(w, never_heard_of{});
  CHECK(r.error().code == code::unimplemented);
  CHECK(r.error().message.find("never_heard_of") != std::string::npos);
}

TEST_CASE("a request that its handler forgets is answered with an error", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  auto r = s.ask(w, forget{});
  REQUIRE(r.count() == 1);
  CHECK(r->error().code == code::unavailable);
  CHECK(r->error().outcome == outcome::unknown);
}

TEST_CASE("a request that crashes its handler is answered at once", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  auto r = s.ask(w, explode{});
  REQUIRE(r.count() == 1);
  CHECK(r->error().code == code::internal);
  CHECK(r->error().message == "the request failed; see the log");
  CHECK(r->error().outcome == outcome::unknown);
}

TEST_CASE("requests that an actor kept are answered when it crashes", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  auto a = s.ask(w, keep{}, 1h), b = s.ask(w, keep{}, 1h);
  CHECK_FALSE(a.is_there());
  s.ask(w, explode{});
  REQUIRE(a.count() == 1);
  REQUIRE(b.count() == 1);
  CHECK(a->error().outcome == outcome::unknown);
}

TEST_CASE("requests to a stopped actor, or to nobody, are answered", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  auto kept = s.ask(w, keep{}, 1h);
  auto last = s.ask(w, stop_now{});
  CHECK(**last == 1);
  REQUIRE(kept.count() == 1);
  auto late = s.ask(w, add{1});
  REQUIRE(late.count() == 1);
  CHECK(late->error().code == code::unavailable);
  CHECK(late->error().outcome == outcome::not_applied);
  auto nobody = s.ask(address{}, add{1});
  REQUIRE(nobody.count() == 1);
  CHECK(nobody->error().outcome == outcome::not_applied);
}

TEST_CASE("what waits for a restart when an actor is stopped is answered, not handled", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  s.run();
  suspend_actor(w);
  std::vector<test::stepped::answer_slot<int>> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(s.ask(w, add{1}, 1h));
  for (auto& a : answers) CHECK_FALSE(a.is_there());
  bool told = false;
  stop_actor(w, [&](result<done> r) { told = r.has_value(); });
  s.run();
  CHECK(told);
  for (auto& a : answers) {
    REQUIRE(a.count() == 1);
    CHECK(a->error().outcome == outcome::not_applied);
  }
}

TEST_CASE("whoever stops an actor that has ended is told so", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  stop_actor(w);
  s.run();
  int told = 0;
  stop_actor(w, [&](result<done>) { ++told; });
  stop_actor(address{}, [&](result<done>) { ++told; });
  s.run();
  CHECK(told == 2);
}

TEST_CASE("stopping when idle lets the queue be handled first", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  auto a = s.ask(w, add{1});
  for (int i = 0; i < 3; ++i) s.send(w, add{1});
  stop_actor_when_idle(w);
  s.run();
  auto late = s.ask(w, add{1});
  CHECK(**a == 1);
  CHECK(late->error().code == code::unavailable);
}

TEST_CASE("an asker gives up at its deadline, and a late answer does no harm", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  auto r = s.ask(w, keep{}, 50ms);
  s.advance(49ms);
  CHECK_FALSE(r.is_there());
  s.advance(1ms + 2 * call_table::resolution);
  REQUIRE(r.count() == 1);
  CHECK(r->error().code == code::deadline_exceeded);
  CHECK(r->error().outcome == outcome::unknown);
  stop_actor(w);  // now the kept message answers
  s.run();
  CHECK(r.count() == 1);
}

TEST_CASE("a request whose deadline passed while it was queued is refused before work begins", "[messages]") {
  test::stepped s;
  auto w = s.spawn<worker>();
  s.run();
  suspend_actor(w);
  s.run();
  auto r = s.ask(w, add{1}, 20ms);
  s.clock.time += 1s;  // nobody looks at the clock until the actor is back
  restart_actor(w);
  s.run();
  REQUIRE(r.count() == 1);
  CHECK(r->error().code == code::deadline_exceeded);
  CHECK(r->error().outcome == outcome::not_applied);
  CHECK(**s.ask(w, add{5}) == 5);
}

TEST_CASE("a message with two owners is answered when the last lets go of it", "[messages]") {
  test::stepped s;
  std::vector<message_ptr> copies;
  struct copier : actor {
    explicit copier(std::vector<message_ptr>* to) : to_{to} {}
    behavior make_behavior() override {
      return behavior{}.on_message<add>([this](message_ptr& m) { *to_ = {m, m, m}; });
    }
    std::vector<message_ptr>* to_;
  };
  auto w = s.spawn<copier>({}, &copies);
  auto r = s.ask(w, add{1}, 1h);
  REQUIRE(copies.size() == 3);
  copies.resize(1);
  s.run();
  CHECK_FALSE(r.is_there());
  copies.clear();
  s.run();
  CHECK(r.count() == 1);
}

TEST_CASE("an answer of another type than the asker's is an error, not a crash", "[messages]") {
  test::stepped s;
  struct liar : actor {
    behavior make_behavior() override {
      return behavior{}.on_message<add>([](message_ptr& m) { answer<std::string>(*m, "five"); });
    }
  };
  auto w = s.spawn<liar>();
  auto r = *s.ask(w, add{1});
  CHECK(r.error().code == code::internal);
  CHECK(r.error().outcome == outcome::applied);
}

TEST_CASE("only the first answer to a request counts", "[messages]") {
  test::stepped s;
  struct twice : actor {
    behavior make_behavior() override {
      return behavior{}.on_message<add>([](message_ptr& m) {
        answer<int>(*m, 1);
        answer<int>(*m, 2);
        m->fail({code::internal, "three"});
      });
    }
  };
  auto w = s.spawn<twice>();
  auto r = s.ask(w, add{1});
  REQUIRE(r.count() == 1);
  CHECK(**r == 1);
}

TEST_CASE("a forwarded request is answered by the one it was forwarded to", "[messages]") {
  test::stepped s;
  struct router : actor {
    explicit router(address to) : to_{std::move(to)} {}
    behavior make_behavior() override {
      return behavior{}.otherwise([this](message_ptr& m) { self().forward(to_, std::move(m)); });
    }
    address to_;
  };
  auto w = s.spawn<worker>();
  auto r = s.spawn<router>({}, w);
  auto rr = s.spawn<router>({}, r);
  CHECK(**s.ask(rr, add{4}) == 4);
  stop_actor(w);
  s.run();
  auto late = s.ask(rr, add{4});
  CHECK(late->error().outcome == outcome::not_applied);
}
