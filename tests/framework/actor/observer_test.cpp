// What an actor system tells its observer.
#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct boom {};
struct fine {};
struct start_child {};

struct fragile : actor {
  explicit fragile(int* failing_starts) : failing_starts_{failing_starts} {}
  behavior make_behavior() override {
    return behavior{}
        .on<boom>([](const boom&) { throw std::runtime_error{"no luck"}; })
        .on<fine>([](const fine&) {})
        .on<start_child>([this](const start_child&) {
          auto child = self().spawn([n = failing_starts_] { return std::make_unique<fragile>(n); }, {});
          self().send(child, boom{});
        });
  }
  void started() override {
    if (*failing_starts_ > 0) {
      --*failing_starts_;
      throw std::runtime_error{"not yet"};
    }
  }
  int* failing_starts_;
};

struct watched {
  test::stepped s{[this](const actor_event& e) { events.push_back(e); }};
  std::vector<actor_event> events;
  int failing_starts = 0;
  address make(std::string name) { return s.spawn<fragile>({.name = std::move(name)}, &failing_starts); }
};

message_ptr traced_boom() {
  auto l = make_message<boom>();
  auto context = std::make_shared<message_context>();
  context->trace = "the trace";
  l->context = std::move(context);
  return l;
}

}  // namespace

TEST_CASE("a crash is told with its cause, the message it happened on and that message's trace, and so is the restart") {
  watched w;
  auto a = w.make("worker");
  deliver(a, traced_boom());
  w.s.run();
  REQUIRE(w.events.size() == 2);
  auto& crash = w.events[0];
  CHECK(crash.kind == actor_event_kind::crashed);
  CHECK(crash.name == "worker");
  CHECK(crash.id == a.id());
  CHECK(crash.cause.message == "no luck");
  CHECK(crash.message.ends_with("boom"));
  CHECK(crash.trace == "the trace");
  CHECK(w.events[1].kind == actor_event_kind::restarted);
  CHECK(w.events[1].restarts == 1);
}

TEST_CASE("an actor that does not come up is told as a crash each time, and once as restarted") {
  watched w;
  w.failing_starts = 3;
  w.make("worker");
  w.s.advance(60s);
  REQUIRE(w.events.size() == 4);
  for (int i = 0; i < 3; ++i) {
    CHECK(w.events[i].kind == actor_event_kind::crashed);
    CHECK(w.events[i].message.empty());
  }
  CHECK(w.events[0].cause.message == "could not start: not yet");
  CHECK(w.events[3].kind == actor_event_kind::restarted);
}

TEST_CASE("of an actor without a name the one above is named") {
  watched w;
  w.s.send(w.make("parent"), start_child{});
  w.s.run();
  REQUIRE_FALSE(w.events.empty());
  CHECK(w.events[0].name == "parent/...");
}

TEST_CASE("nothing is told of actors that work, and of those that end as ordered") {
  watched w;
  auto a = w.make("worker");
  w.s.send(a, fine{});
  w.s.run();
  stop_actor(a);
  w.s.run();
  CHECK(w.events.empty());
}
