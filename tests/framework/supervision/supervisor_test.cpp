#include <banyan/actor/control.hpp>

#include <tests/framework/supervision/supervised_parts.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("children start in order and end in reverse order, before their supervisor", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_one, "abc"));
  auto top = f.s.system.spawn(tree, {.name = "top"});
  CHECK((*f.s.ask(top, await_children{})).has_value());
  CHECK(f.take() == diary{"+a", "+b", "+c"});
  bool ended = false;
  stop_actor(top, [&](result<done>) {
    ended = true;
    CHECK(f.seen == diary{"-c", "-b", "-a"});
  });
  f.s.run();
  CHECK(ended);
}

TEST_CASE("shutting the system down ends the tree in order", "[supervisor]") {
  diary seen;
  {
    fixture f;
    auto tree = *supervisor_factory::make(f.group(restart::one_for_one, "abc"));
    f.s.system.spawn(tree);
    f.take();
    f.s.system.shutdown();
    seen = f.take();
  }
  CHECK(seen == diary{"-c", "-b", "-a"});
}

TEST_CASE("a failed child comes back in place: same address, mailbox in order", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_one, "ab"));
  f.s.system.spawn(tree);
  f.take();
  auto a = tree.child("a");
  REQUIRE(a);
  f.s.send(a, note{1});
  f.s.send(a, crash{});
  f.s.send(a, note{2});
  f.s.send(a, note{3});
  CHECK(f.take() == diary{"a1", "-a", "+a", "a2", "a3"});
  CHECK(tree.child("a") == a);
  CHECK_FALSE(tree.child("nobody"));
}

TEST_CASE("one_for_all: all end, last one first, and start again; nobody loses a message", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_all, "abcd"));
  f.s.system.spawn(tree);
  f.take();
  std::vector<address> before;
  for (auto name : {"a", "b", "c", "d"}) before.push_back(tree.child(name));
  f.s.send(before[1], crash{});
  for (int i = 0; i < 4; ++i) f.s.send(before[i], note{i});
  auto got = f.take();
  diary lives, notes;
  for (auto& w : got) (w[0] == '+' || w[0] == '-' ? lives : notes).push_back(w);
  CHECK(lives == diary{"-b", "-d", "-c", "-a", "+a", "+b", "+c", "+d"});
  std::sort(notes.begin(), notes.end());
  CHECK(notes == diary{"a0", "b1", "c2", "d3"});
  int i = 0;
  for (auto name : {"a", "b", "c", "d"}) CHECK(tree.child(name) == before[i++]);
}

TEST_CASE("rest_for_one: the earlier ones do not notice", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::rest_for_one, "abcd"));
  f.s.system.spawn(tree);
  f.take();
  f.s.send(tree.child("c"), crash{});
  CHECK(f.take() == diary{"-c", "-d", "+c", "+d"});
  CHECK(**f.s.ask(tree.child("a"), incarnation{}) == 1);
}

TEST_CASE("restarts wait: at once, 50 ms, 100 ms; the others go on meanwhile", "[supervisor]") {
  fixture f;
  auto o = f.group(restart::one_for_one, "ab");
  o.policy.backoff->jitter = 0;
  auto tree = *supervisor_factory::make(o);
  f.s.system.spawn(tree);
  f.take();
  auto a = tree.child("a");
  for (int i = 0; i < 2; ++i) f.s.send(a, crash{});
  f.s.send(a, note{1});
  CHECK(f.take() == diary{"-a", "+a", "-a"});
  f.s.send(tree.child("b"), note{2});
  CHECK(f.take() == diary{"b2"});
  f.s.advance(49ms);
  CHECK(f.take() == diary{});
  f.s.advance(1ms);
  CHECK(f.take() == diary{"+a", "a1"});
}

TEST_CASE("children that wait for their restart know how long: their topology tells it, and whom they turn away", "[supervisor]") {
  fixture f;
  auto o = f.group(restart::one_for_all, "ab");
  o.policy.backoff->jitter = 0;
  for (auto& c : o.children) c.stash_limit = 0;
  auto tree = *supervisor_factory::make(o);
  f.s.system.spawn(tree);
  f.take();
  for (int i = 0; i < 2; ++i) {
    f.s.send(tree.child("a"), crash{});
    f.take();
  }
  f.s.advance(20ms);
  for (auto name : {"a", "b"}) {
    CAPTURE(name);
    CHECK(f.s.ask(tree.child(name), incarnation{})->error().retry_after == 30ms);
    for (auto& l : f.s.system.topology()) {
      if (l.name != name) continue;
      CHECK(l.phase == "restarting");
      CHECK(l.down_since == f.s.clock.time - 20ms);
      CHECK(l.restarts_at == f.s.clock.time + 30ms);
    }
  }
  f.s.advance(30ms);
  CHECK(f.s.ask(tree.child("b"), incarnation{}).is_there());
}

TEST_CASE("a child that can not start holds up the later ones, and is tried until it can", "[supervisor]") {
  fixture f;
  f.b_fails_to_start = 6;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_one, "abc"));
  auto top = f.s.system.spawn(tree);
  auto up = f.s.ask(top, await_children{}, 1min);
  f.s.advance(100ms);
  CHECK_FALSE(up.is_there());
  CHECK(std::count(f.seen.begin(), f.seen.end(), "+c") == 0);
  f.s.advance(30s);
  CHECK(up.is_there());
  CHECK(f.escalations == 0);
  auto got = f.take();
  got.erase(std::remove(got.begin(), got.end(), "-b"), got.end());
  CHECK(got == diary{"+a", "+b", "+c"});
}

TEST_CASE("a transient child that stopped by itself is gone, a permanent one comes back with its mailbox", "[supervisor]") {
  fixture f;
  auto o = f.group(restart::one_for_one, "a");
  o.children.push_back(f.spec("t", restart_type::transient));
  o.children.push_back(f.spec("x", restart_type::temporary));
  auto tree = *supervisor_factory::make(o);
  f.s.system.spawn(tree);
  f.take();
  auto a = tree.child("a"), t = tree.child("t"), x = tree.child("x");
  f.s.send(a, quit{});
  f.s.send(a, note{1});
  CHECK(f.take() == diary{"-a", "+a", "a1"});
  f.s.send(t, crash{});
  CHECK(f.take() == diary{"-t", "+t"});
  f.s.send(t, quit{});
  f.s.send(x, crash{});
  auto late = f.s.ask(t, incarnation{}, 1h);
  CHECK(f.take() == diary{"-t", "-x"});
  CHECK(late->error().code == code::unavailable);
  CHECK_FALSE(tree.child("t"));
  CHECK_FALSE(tree.child("x"));
  CHECK(f.s.ask(x, incarnation{}, 1h).is_there());
}

TEST_CASE("a child that somebody stops from outside is started anew, at another address", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_one, "a"));
  f.s.system.spawn(tree);
  f.take();
  auto before = tree.child("a");
  stop_actor(before);
  CHECK(f.take() == diary{"-a", "+a"});
  CHECK(tree.child("a"));
  CHECK_FALSE(tree.child("a") == before);
}

TEST_CASE("too many restarts: the supervisor ends its children and itself, and says so", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.otp_group(restart::one_for_one, "abc", 2));
  auto top = f.s.system.spawn(tree, {.name = "top"});
  f.take();
  for (int i = 0; i < 2; ++i) f.s.send(tree.child("b"), crash{});
  CHECK(f.take() == diary{"-b", "+b", "-b", "+b"});
  CHECK(f.escalations == 0);
  f.s.send(tree.child("b"), crash{});
  CHECK(f.take() == diary{"-b", "-c", "-a"});
  CHECK(f.escalations == 1);
  CHECK(f.s.ask(top, await_children{}, 1h)->error().code == code::unavailable);
  CHECK(f.s.ask(tree.child("a"), incarnation{}, 1h)->error().code == code::unavailable);
  CHECK(f.s.system.topology().empty());
}

TEST_CASE("a nested supervisor is up when all below it are, and only then does the next one start", "[supervisor]") {
  fixture f;
  f.b_fails_to_start = 3;
  auto below = *supervisor_factory::make(f.group(restart::one_for_one, "bc"));
  auto o = f.group(restart::one_for_one, "a");
  o.children.push_back({.name = "below", .make = below, .shutdown = wait_forever});
  o.children.push_back(f.spec("z"));
  auto tree = *supervisor_factory::make(o);
  auto top = f.s.system.spawn(tree);
  f.s.run();
  CHECK(std::count(f.seen.begin(), f.seen.end(), "+z") == 0);
  f.s.advance(10s);
  auto got = f.take();
  got.erase(std::remove(got.begin(), got.end(), "-b"), got.end());
  CHECK(got == diary{"+a", "+b", "+c", "+z"});
  stop_actor(top);
  CHECK(f.take() == diary{"-z", "-c", "-b", "-a"});
}

TEST_CASE("escalation: the supervisor above restarts the group, and every address survives", "[supervisor]") {
  fixture f;
  auto below = *supervisor_factory::make(f.otp_group(restart::one_for_one, "bc", 1));
  auto o = f.group(restart::rest_for_one, "a");
  o.children.push_back({.name = "below", .make = below, .shutdown = wait_forever});
  o.children.push_back(f.spec("z"));
  auto tree = *supervisor_factory::make(o);
  f.s.system.spawn(tree);
  f.take();
  auto b = below.child("b"), c = below.child("c"), group = tree.child("below");
  f.s.send(b, crash{});
  f.take();
  f.s.send(b, crash{});
  f.s.send(c, note{1});
  f.s.send(b, note{2});
  auto got = f.take();
  CHECK(f.escalations == 1);
  diary lives;
  for (auto& w : got)
    if (w[0] == '+' || w[0] == '-') lives.push_back(w);
  CHECK(lives == diary{"-b", "-c", "-z", "+b", "+c", "+z"});
  CHECK(std::count(got.begin(), got.end(), "c1") == 1);
  CHECK(std::count(got.begin(), got.end(), "b2") == 1);
  CHECK(below.child("b") == b);
  CHECK(below.child("c") == c);
  CHECK(tree.child("below") == group);
}

TEST_CASE("one_for_all takes a nested supervisor along with all below it", "[supervisor]") {
  fixture f;
  auto below = *supervisor_factory::make(f.group(restart::one_for_one, "bc"));
  auto o = f.group(restart::one_for_all, "a");
  o.children.push_back({.name = "below", .make = below, .shutdown = wait_forever});
  auto tree = *supervisor_factory::make(o);
  f.s.system.spawn(tree);
  f.take();
  auto c = below.child("c");
  f.s.send(tree.child("a"), crash{});
  CHECK(f.take() == diary{"-a", "-c", "-b", "+a", "+b", "+c"});
  CHECK(below.child("c") == c);
}

TEST_CASE("a child that does not end in its time is left behind and replaced", "[supervisor]") {
  fixture f;
  auto o = f.group(restart::one_for_all, "a");
  o.children.push_back(f.spec("slow", restart_type::permanent, true));
  o.children[1].shutdown = 2s;
  auto tree = *supervisor_factory::make(o);
  auto top = f.s.system.spawn(tree);
  f.take();
  auto slow = tree.child("slow");
  f.s.send(tree.child("a"), crash{});
  f.s.advance(1999ms);
  CHECK(f.take() == diary{"-a"});
  f.s.advance(1ms);
  CHECK(f.take() == diary{"+a", "+slow"});
  auto second = tree.child("slow");
  CHECK_FALSE(second == slow);

  bool ended = false;  // and it does not hold up the end
  stop_actor(top, [&](result<done>) { ended = true; });
  f.s.advance(1999ms);
  CHECK_FALSE(ended);
  f.s.advance(1ms);
  CHECK(ended);

  // or the system would wait for those that were left behind
  for (auto& a : {slow, second}) f.s.send(a, quit{});
}

TEST_CASE("a child that is told to end again has its whole time again", "[supervisor]") {
  fixture f;
  auto o = f.otp_group(restart::one_for_all, "a", 10);
  o.children.push_back(f.spec("slow", restart_type::permanent, true));
  o.children[1].shutdown = 2s;
  auto tree = *supervisor_factory::make(o);
  auto top = f.s.system.spawn(tree);
  f.take();
  auto slow = tree.child("slow");
  for (int i = 0; i < 3; ++i) {
    f.s.send(tree.child("a"), crash{});
    f.s.advance(1500ms);
    CHECK(f.take() == diary{"-a"});
    f.s.send(slow, quit{});
    CHECK(f.take() == diary{"-slow", "+a", "+slow"});
  }
  CHECK(tree.child("slow") == slow);
  f.s.send(tree.child("a"), crash{});
  f.s.advance(1999ms);
  CHECK(f.take() == diary{"-a"});
  f.s.advance(1ms);
  CHECK(f.take() == diary{"+a", "+slow"});

  auto second = tree.child("slow");
  stop_actor(top);
  f.take();
  for (auto& a : {slow, second}) f.s.send(a, quit{});
}

TEST_CASE("a supervisor in the place of one that has ended starts its children anew", "[supervisor]") {
  fixture f;
  auto below = *supervisor_factory::make(f.group(restart::one_for_one, "bc"));
  auto tree = *supervisor_factory::make({.children = {{.name = "below", .make = below, .shutdown = wait_forever}}});
  f.s.system.spawn(tree);
  f.take();
  auto group = tree.child("below"), b = below.child("b");
  suspend_actor(group);
  stop_actor(group);
  CHECK(f.take() == diary{"-c", "-b", "+b", "+c"});
  CHECK_FALSE(tree.child("below") == group);
  CHECK_FALSE(below.child("b") == b);
  CHECK(f.s.ask(below.child("c"), incarnation{})->has_value());
}

TEST_CASE("the topology shows the tree: names, who is above whom, restarts and causes", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_one, "ab"));
  auto top = f.s.system.spawn(tree, {.name = "top"});
  f.take();
  f.s.send(tree.child("b"), crash{});
  f.take();
  auto lines = f.s.system.topology();
  REQUIRE(lines.size() == 3);
  for (auto& l : lines) {
    CHECK(l.phase == "running");
    CHECK(l.parent == (l.name == "top" ? 0 : top.id()));
    CHECK(l.restarts == (l.name == "b" ? 1 : 0));
  }
  CHECK(std::any_of(lines.begin(), lines.end(), [](auto& l) { return l.last_cause.find("crash") != std::string::npos; }));
}

TEST_CASE("what a child reported to a supervisor that has crashed since is not taken for an answer to the next one", "[supervisor]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    fixture f;
    auto group = *supervisor_factory::make(f.group(restart::one_for_all, "ab"));
    auto top = *supervisor_factory::make({.children = {{.name = "group", .make = group, .shutdown = wait_forever}}});
    f.s.system.spawn(top);
    CHECK(f.take() == diary{"+a", "+b"});
    test::counting_random random{seed};
    f.s.send(group.child("a"), crash{});
    f.s.step(random);  // a has failed
    f.s.step(random);  // b is ordered to suspend; what it says to that comes after the supervisor's own crash
    post_work(top.child("group"), [](actor_host&) { throw std::runtime_error{"crash"}; });
    while (f.s.step(random)) {
    }
    CHECK(f.take() == diary{"-a", "-b", "+a", "+b"});
    auto children = f.s.ask(top.child("group"), list_children{});
    for (auto& c : **children) {
      CHECK(c.state == child_state::running);
      CHECK(c.restarts == 0);
    }
  }
}
