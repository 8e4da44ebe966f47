// Actors that isolate their requests: an exception ends the one request that it left, and nothing else.
#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <new>
#include <stdexcept>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

enum class way { in_a_handler, before_waiting, after_waiting, after_an_answer, after_an_expired_call, as_it_is_made, as_it_is_answered };
enum class thrown { a_secret, bad_alloc, a_number };

[[noreturn]] void fail(thrown t) {
  if (t == thrown::a_secret) throw std::runtime_error{"SELECT secret FROM /var/lib/table"};
  if (t == thrown::bad_alloc) throw std::bad_alloc{};
  throw 42;
}

// A reply that can not be made into an answer.
struct fragile {
  explicit fragile(thrown t) : what{t} {}
  fragile(fragile&& other) : what{other.what} { fail(what); }
  thrown what;
};
// A parameter that can not be copied into a coroutine's frame.
struct brittle {
  thrown what;
  explicit brittle(thrown t) : what{t} {}
  brittle(const brittle& other) : what{other.what} { fail(what); }
  brittle(brittle&&) = default;
};

struct work {
  thrown what;
  using reply = int;
};
template <way W>
struct fail_by : work {};
struct give_fragile {
  thrown what;
  using reply = fragile;
};
struct wait_long {
  using reply = int;
};
struct count_up {
  using reply = int;
};
struct quick {
  using reply = int;
};
struct silent {
  using reply = int;
};
struct begin_a_task {
  using reply = done;
};

struct other : actor {
  behavior make_behavior() override {
    return behavior{}.on<quick>([](const quick&) { return 1; }).on_message<silent>([this](message_ptr& l) { kept_.push_back(std::move(l)); });
  }
  std::vector<message_ptr> kept_;
};

struct host : actor {
  host(address o, bool isolates) : other_{std::move(o)}, isolates_{isolates} {}
  bool isolates_requests() const override { return isolates_; }
  behavior make_behavior() override {
    return behavior{}
        .on<fail_by<way::in_a_handler>>([](const work& w) -> int { fail(w.what); })
        .on<fail_by<way::before_waiting>>([this](const work& w) { return at_once(w); })
        .on<fail_by<way::after_waiting>>([this](const work& w) { return after_sleep(w); })
        .on<fail_by<way::after_an_answer>>([this](const work& w) { return after_answer(w); })
        .on<fail_by<way::after_an_expired_call>>([this](const work& w) { return after_expiry(w); })
        .on<fail_by<way::as_it_is_made>>([this](const work& w) {
          const brittle b{w.what};
          return with(b);
        })
        .on<give_fragile>([](const give_fragile& g) { return fragile{g.what}; })
        .on<wait_long>([this](const wait_long&) { return finish_late(); })
        .on<begin_a_task>([this](const begin_a_task&) { self().run(background()); })
        .on<count_up>([this](const count_up&) { return ++n_; });
  }
  task<int> at_once(const work& w) {
    fail(w.what);
    co_return 0;
  }
  task<int> after_sleep(const work& w) {
    co_await self().sleep(10ms);
    fail(w.what);
  }
  task<int> after_answer(const work& w) {
    (void)co_await self().ask<quick>(other_, 1s);
    fail(w.what);
  }
  task<int> after_expiry(const work& w) {
    (void)co_await self().ask<silent>(other_, 10ms);
    fail(w.what);
  }
  task<int> with(brittle) { co_return 0; }
  task<int> finish_late() {
    co_await self().sleep(1s);
    co_return 7;
  }
  task<void> background() {
    co_await self().sleep(1ms);
    fail(thrown::a_secret);
  }
  address other_;
  bool isolates_;
  int n_ = 0;
};

constexpr auto trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct world {
  test::stepped s{[this](const actor_event& e) { events.push_back(e); }};
  std::vector<actor_event> events;
  address other_one = s.spawn<other>();
  address a = s.spawn<host>({.name = "host"}, other_one, true);

  test::stepped::answer_slot<int> fail_by_way(way w, thrown t) {
    test::stepped::answer_slot<int> slot;
    auto send = [&]<way W>(std::integral_constant<way, W>) {
      auto l = make_message<fail_by<W>>(fail_by<W>{{t}});
      message_context c;
      c.trace = trace;
      l->context = std::make_shared<const message_context>(std::move(c));
      s.system.ask_message(a, std::move(l), 1min, [done = slot.slot()](result<message_ptr> r) mutable { done(detail::take_answer<int>(*r)); });
      s.run();
    };
    switch (w) {
      case way::in_a_handler: send(std::integral_constant<way, way::in_a_handler>{}); break;
      case way::before_waiting: send(std::integral_constant<way, way::before_waiting>{}); break;
      case way::after_waiting: send(std::integral_constant<way, way::after_waiting>{}); break;
      case way::after_an_answer: send(std::integral_constant<way, way::after_an_answer>{}); break;
      case way::after_an_expired_call: send(std::integral_constant<way, way::after_an_expired_call>{}); break;
      case way::as_it_is_made: send(std::integral_constant<way, way::as_it_is_made>{}); break;
      case way::as_it_is_answered: break;
    }
    return slot;
  }
};

}  // namespace

TEST_CASE("an exception ends its own request only, whatever it is and wherever it comes from", "[isolation]") {
  const auto w = GENERATE(way::in_a_handler, way::before_waiting, way::after_waiting, way::after_an_answer, way::after_an_expired_call,
                          way::as_it_is_made);
  const auto t = GENERATE(thrown::a_secret, thrown::bad_alloc, thrown::a_number);
  CAPTURE(static_cast<int>(w), static_cast<int>(t));
  world f;
  CHECK(**f.s.ask(f.a, count_up{}) == 1);
  auto neighbour = f.s.ask(f.a, wait_long{}, 1min);
  auto first = f.fail_by_way(w, t), second = f.fail_by_way(w, t);
  f.s.advance(500ms);
  for (auto* r : {&first, &second}) {
    REQUIRE(r->count() == 1);
    CHECK((*r)->error() == error{code::internal, "the request failed; see the log under trace 4bf92f3577b34da6a3ce929d0e0e4736", outcome::unknown});
  }
  CHECK(**f.s.ask(f.a, count_up{}) == 2);  // the same incarnation
  f.s.advance(1s);
  REQUIRE(neighbour.count() == 1);
  CHECK(**neighbour == 7);
  CHECK(f.s.system.counters().crashes == 0);
  CHECK(f.s.system.counters().failed_requests == 2);
  REQUIRE(f.events.size() == 2);
  for (auto& e : f.events) {
    CHECK(e.kind == actor_event_kind::request_failed);
    CHECK(e.name == "host");
    CHECK(e.trace == trace);
    CHECK(e.message.find("fail_by") != std::string::npos);
    CHECK(e.cause.message == (t == thrown::a_secret    ? "SELECT secret FROM /var/lib/table"
                              : t == thrown::bad_alloc ? "std::bad_alloc"
                                                       : "an exception that is no std::exception"));
  }
}

TEST_CASE("an answer that can not be made is the request's failure, not the actor's", "[isolation]") {
  world f;
  int answers = 0;
  f.s.system.ask_message(f.a, make_message<give_fragile>(give_fragile{thrown::a_secret}), 1s, [&](result<message_ptr> r) {
    ++answers;
    CHECK((*r)->as<error>().message == "the request failed; see the log");
  });
  f.s.run();
  CHECK(answers == 1);
  CHECK(f.s.system.counters().crashes == 0);
}

TEST_CASE("a one-way message and a request whose asker is gone fail alone too", "[isolation]") {
  world f;
  auto neighbour = f.s.ask(f.a, wait_long{}, 1min);
  struct asker : actor {
    explicit asker(address to) : to_{std::move(to)} {}
    behavior make_behavior() override {
      return behavior{}.on<quick>([this](const quick&) { return ask(); });
    }
    task<int> ask() {
      const work w{thrown::a_number};
      co_return (co_await self().ask<fail_by<way::after_waiting>>(to_, 1s, w)).value();
    }
    address to_;
  };
  auto gone = f.s.spawn<asker>({}, f.a);
  f.s.ask(gone, quick{}, 1s);
  stop_actor(gone);
  f.s.send(f.a, fail_by<way::in_a_handler>{{thrown::a_secret}});
  f.s.send(f.a, fail_by<way::after_waiting>{{thrown::a_secret}});
  f.s.advance(2s);
  CHECK(**neighbour == 7);
  CHECK(f.s.system.counters().crashes == 0);
  CHECK(f.s.system.counters().failed_requests == 3);
}

TEST_CASE("a task of its own that throws ends alone as well", "[isolation]") {
  world f;
  auto neighbour = f.s.ask(f.a, wait_long{}, 1min);
  f.s.ask(f.a, begin_a_task{});
  f.s.advance(2s);
  CHECK(**neighbour == 7);
  CHECK(f.s.system.counters().crashes == 0);
  REQUIRE(f.events.size() == 1);
  CHECK(f.events[0].message == "a task");
}

TEST_CASE("an actor that does not isolate its requests crashes and is restarted; the exception's text is for the log all the same", "[isolation]") {
  const auto w = GENERATE(way::in_a_handler, way::before_waiting, way::after_waiting, way::after_an_answer, way::after_an_expired_call,
                          way::as_it_is_made);
  world f;
  f.a = f.s.spawn<host>({.name = "stateful"}, f.other_one, false);
  CHECK(**f.s.ask(f.a, count_up{}) == 1);
  auto neighbour = f.s.ask(f.a, wait_long{}, 1min);
  auto r = f.fail_by_way(w, thrown::a_secret);
  f.s.advance(500ms);
  REQUIRE(r.count() == 1);
  CHECK(r->error() == error{code::internal, "the request failed; see the log under trace 4bf92f3577b34da6a3ce929d0e0e4736", outcome::unknown});
  REQUIRE(neighbour.count() == 1);
  CHECK(neighbour->error().code == code::unavailable);
  CHECK(neighbour->error().message.find("secret") == std::string::npos);
  CHECK(**f.s.ask(f.a, count_up{}) == 1);
  CHECK(f.s.system.counters().crashes == 1);
  REQUIRE_FALSE(f.events.empty());
  CHECK(f.events[0].kind == actor_event_kind::crashed);
  CHECK(f.events[0].cause.message == "SELECT secret FROM /var/lib/table");
  CHECK(f.events[0].trace == trace);
}
