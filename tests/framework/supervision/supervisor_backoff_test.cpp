// What back-off is for, on real actors in virtual time: an outage is survived, an endless failure costs next to nothing, and OTP's mode
// gives up as OTP does. What it costs on a real clock: tests/bench/supervision_storm.cpp.
#include <tests/framework/supervision/supervised_parts.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

// Can not start while what it depends on is down, and falls over whatever makes it use it.
struct client : actor {
  explicit client(const bool* is_down) : is_down_{is_down} {}
  void started() override {
    if (*is_down_) throw std::runtime_error{"the dependency is down"};
  }
  behavior make_behavior() override {
    return behavior{}.on<incarnation>([this](const incarnation&) {
      if (*is_down_) throw std::runtime_error{"the dependency is down"};
      return static_cast<int>(self().incarnation());
    });
  }
  const bool* is_down_;
};

// Fails as soon as it is up.
struct hopeless : actor {
  explicit hopeless(std::vector<monotonic>* starts) : starts_{starts} {}
  void started() override {
    starts_->push_back(self().steady());
    throw std::runtime_error{"at once"};
  }
  behavior make_behavior() override { return {}; }
  std::vector<monotonic>* starts_;
};

std::vector<monotonic> starts_of_a_hopeless_child(fixture& f, nanoseconds lasts) {
  std::vector<monotonic> starts;
  auto o = f.group(restart::one_for_one, "a");
  o.children.push_back({.name = "hopeless", .make = [&] { return std::make_unique<hopeless>(&starts); }});
  o.children.push_back(f.spec("z"));
  f.s.system.spawn(*supervisor_factory::make(o));
  f.s.advance(lasts);
  CHECK(f.escalations == 0);
  return starts;
}

}  // namespace

TEST_CASE("a dependency that is down for 30 s does not kill the tree: who needs it comes back, who does not never notices",
          "[supervisor][backoff]") {
  for (auto strategy : {restart::one_for_one, restart::one_for_all, restart::rest_for_one}) {
    fixture f;
    bool is_down = false;
    auto below = f.group(strategy, "xy");
    for (auto name : {"first", "second"})
      below.children.push_back({.name = name, .make = [&] { return std::make_unique<client>(&is_down); }});
    auto group = *supervisor_factory::make(below);
    auto o = f.group(restart::one_for_one, "a");
    o.children.push_back({.name = "group", .make = group, .shutdown = wait_forever});
    auto tree = *supervisor_factory::make(o);
    auto top = f.s.system.spawn(tree);
    f.take();
    const auto first = group.child("first"), second = group.child("second");

    is_down = true;
    CHECK(f.s.ask(first, incarnation{}, 1min)->error().outcome == outcome::unknown);  // the request that it crashed on
    std::vector<stepped::answer_slot<int>> patient;
    for (int i = 0; i < 30; ++i) {
      f.s.advance(1s);
      CHECK(**f.s.ask(tree.child("a"), incarnation{}) == 1);
      patient.push_back(f.s.ask(first, incarnation{}, 1min));
    }
    is_down = false;
    f.s.advance(12s);  // the longest wait, with its jitter

    CHECK(f.escalations == 0);
    for (auto& p : patient) {
      REQUIRE(p.is_there());
      CHECK(p->has_value());  // asked in the outage, answered after it
    }
    CHECK(group.child("first") == first);
    CHECK(group.child("second") == second);
    CHECK((*f.s.ask(top, await_children{})).has_value());
    auto all = **f.s.ask(tree.child("group"), list_children{});
    CHECK(std::all_of(all.begin(), all.end(), [](auto& c) { return c.state == child_state::running; }));
  }
}

TEST_CASE("a child that fails instantly is started at most 459 times in an hour", "[supervisor][backoff]") {
  fixture f;
  auto starts = starts_of_a_hopeless_child(f, 1h);
  // 0, 50 ms and doubling, from the eleventh on 10 s; a fifth less or more. The first, nine until then, and 3,600 s / 8 s or 12 s.
  CHECK(starts.size() <= 459);
  CHECK(starts.size() >= 300);
}

TEST_CASE("1,000 instant failures of a child take more than two hours", "[supervisor][backoff]") {
  fixture f;
  auto starts = starts_of_a_hopeless_child(f, 4h);
  REQUIRE(starts.size() > 1000);
  CHECK(starts[1000] - starts[0] > 2h);
  for (std::size_t i = 2; i < starts.size(); ++i) {
    CHECK(starts[i] - starts[i - 1] >= (i < 10 ? 40ms * (1 << (i - 2)) : 8s));
    CHECK(starts[i] - starts[i - 1] <= 12s);
  }
}

TEST_CASE("OTP's mode escalates after its intensity: five restarts within 10 s are borne, the sixth is not", "[supervisor][backoff]") {
  for (bool are_quick : {true, false}) {
    fixture f;
    auto o = f.group(restart::one_for_one, "ab");
    o.policy.backoff = no_backoff;
    auto tree = *supervisor_factory::make(o);
    auto top = f.s.system.spawn(tree);
    f.take();
    for (int i = 0; i < 5; ++i) {
      f.s.send(tree.child("a"), crash{});
      f.s.advance(are_quick ? 1s : 2s);
    }
    CHECK(f.escalations == 0);
    CHECK(**f.s.ask(tree.child("a"), incarnation{}) == 6);
    f.s.advance(1ms);
    f.s.send(tree.child("a"), crash{});
    f.s.run();
    CHECK(f.escalations == (are_quick ? 1 : 0));  // 2 s apart, the first of them is over 10 s ago
    CHECK(f.s.ask(top, await_children{})->has_value() == !are_quick);
    CHECK(f.s.ask(tree.child("b"), incarnation{})->has_value() == !are_quick);
  }
}

TEST_CASE("OTP's mode: a tree of supervisors gives up level by level, each after its own intensity", "[supervisor][backoff]") {
  fixture f;
  auto below = *supervisor_factory::make(f.otp_group(restart::one_for_one, "b", 2));
  auto o = f.otp_group(restart::one_for_one, "a", 1);
  o.children.push_back({.name = "below", .make = below, .shutdown = wait_forever});
  auto tree = *supervisor_factory::make(o);
  auto top = f.s.system.spawn(tree);
  f.take();
  for (int crashes = 1; crashes <= 6; ++crashes) {
    CHECK(f.escalations == (crashes - 1) / 3);
    f.s.send(below.child("b"), crash{});
    f.s.run();
  }
  CHECK(f.escalations == 3);  // the group twice, and then the one above
  CHECK(f.s.ask(top, await_children{})->error().code == code::unavailable);
  CHECK(f.s.system.topology().empty());
}
