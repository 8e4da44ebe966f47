#include <tests/framework/supervision/supervised_parts.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("what is done by hand: terminate, restart, delete, start", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_one, "ab"));
  auto top = f.s.system.spawn(tree);
  f.take();
  auto b = tree.child("b");
  auto waiting = f.s.ask(b, incarnation{}, 1h);

  CHECK(f.s.ask(top, delete_child{"b"})->error().reason == "running");
  CHECK((*f.s.ask(top, terminate_child{"b"})).has_value());
  CHECK(f.take() == diary{"-b"});
  CHECK_FALSE(tree.child("b"));
  CHECK(f.s.ask(b, incarnation{}, 1h)->error().code == code::unavailable);

  auto again = f.s.ask(top, restart_child{"b"});
  CHECK(f.take() == diary{"+b"});
  CHECK(**again == tree.child("b"));
  CHECK_FALSE(**again == b);

  CHECK((*f.s.ask(top, terminate_child{"b"})).has_value());
  CHECK((*f.s.ask(top, delete_child{"b"})).has_value());
  CHECK(f.s.ask(top, restart_child{"b"})->error().code == code::not_found);

  auto c = f.s.ask(top, start_child{f.spec("c")});
  CHECK(**c == tree.child("c"));
  f.s.send(**c, crash{});
  CHECK(f.take() == diary{"-b", "+c", "-c", "+c"});
  CHECK(f.s.ask(top, start_child{f.spec("c")})->error().reason == "running");
  CHECK(f.s.ask(top, start_child{f.spec("")})->error().code == code::invalid_argument);
  CHECK(f.s.ask(top, start_child{{.name = "d", .make = nullptr}})->error().message == "d has no factory");
}

TEST_CASE("a new child that can not start is not kept, and its cause is told", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_one, "a"));
  auto top = f.s.system.spawn(tree);
  f.take();
  f.b_fails_to_start = 1;
  auto b = f.s.ask(top, start_child{f.spec("b")});
  CHECK(b->error().reason == "could_not_start");
  CHECK(b->error().message.find("can not start b") != std::string::npos);
  CHECK_FALSE(tree.child("b"));
  CHECK(f.s.ask(top, list_children{})->value().size() == 1);
}

TEST_CASE("what children are doing can be asked at any time", "[supervisor]") {
  fixture f;
  auto o = f.group(restart::one_for_one, "ab");
  o.children.push_back(f.spec("t", restart_type::transient));
  auto tree = *supervisor_factory::make(o);
  auto top = f.s.system.spawn(tree);
  f.take();
  f.b_fails_to_start = 2;
  f.s.send(tree.child("b"), crash{});
  f.s.send(tree.child("t"), quit{});
  f.take();
  auto all = **f.s.ask(top, list_children{});
  REQUIRE(all.size() == 3);
  CHECK((all[0].name == "a" && all[0].state == child_state::running && all[0].who == tree.child("a")));
  CHECK((all[1].state == child_state::restarting && all[1].restarts == 2));
  CHECK((all[2].state == child_state::idle && !all[2].who));
  CHECK(f.s.ask(top, restart_child{"b"})->error().reason == "restarting");
  f.s.advance(10s);
  CHECK((**f.s.ask(top, list_children{})).at(1).state == child_state::running);
}

TEST_CASE("a supervisor tells what became of its children, and why", "[supervisor]") {
  diary news;  // hears of the end of all, too
  fixture f;
  auto o = f.group(restart::one_for_one, "ab");
  o.children.push_back(f.spec("t", restart_type::transient));
  o.children.push_back(f.spec("slow", restart_type::permanent, true));
  o.hooks.event = [&](const child_event& n) {
    static const char* const what[] = {" started", " ended: ", " abandoned"};
    static const char* const why[] = {"normal", "shutdown", "failed"};
    auto line = std::string{n.child} + what[n.kind];
    if (n.kind == child_event::ended) line += std::string{why[n.why.kind]} + (n.why.because.empty() ? "" : ", ") + n.why.because;
    news.push_back(line);
  };
  auto tree = *supervisor_factory::make(o);
  auto top = f.s.system.spawn(tree);
  f.take();
  CHECK(std::exchange(news, {}) == diary{"a started", "b started", "t started", "slow started"});
  f.b_fails_to_start = 1;
  f.s.send(tree.child("b"), crash{});
  f.s.send(tree.child("t"), quit{{exit_reason::shutdown, "lease lost"}});
  f.s.send(tree.child("a"), quit{});
  f.s.advance(1s);
  std::sort(news.begin(), news.end());
  CHECK(std::exchange(news, {}) == diary{"a ended: normal", "a started", "b ended: failed, could not start: can not start b",
                                         "b ended: failed, crash", "b started", "t ended: shutdown, lease lost"});
  auto slow = tree.child("slow");
  auto answer = f.s.ask(top, terminate_child{"slow"}, 10s);
  f.s.advance(5s);
  CHECK((*answer).has_value());
  CHECK(news == diary{"slow abandoned"});
  f.s.send(slow, quit{});
}

TEST_CASE("a child added by hand does not outlive its supervisor's incarnation, one of the specification does", "[supervisor]") {
  fixture f;
  auto below = *supervisor_factory::make(f.otp_group(restart::one_for_one, "b", 0));
  auto o = f.group(restart::one_for_one, "a");
  o.children.push_back({.name = "below", .make = below, .shutdown = wait_forever});
  auto tree = *supervisor_factory::make(o);
  f.s.system.spawn(tree);
  f.take();
  auto group = tree.child("below"), b = below.child("b");
  CHECK((*f.s.ask(group, terminate_child{"b"})).has_value());
  CHECK((*f.s.ask(group, delete_child{"b"})).has_value());
  CHECK((*f.s.ask(group, start_child{f.spec("b")})).has_value());  // by the same name
  CHECK((*f.s.ask(group, start_child{f.spec("c")})).has_value());
  auto c = below.child("c");
  f.s.send(below.child("b"), crash{});
  CHECK(f.take() == diary{"-b", "+b", "+c", "-b", "-c", "+b"});
  CHECK_FALSE(below.child("c"));
  CHECK(f.s.ask(c, incarnation{}, 1h)->error().code == code::unavailable);
  CHECK(**f.s.ask(below.child("b"), incarnation{}) == 1);
}

TEST_CASE("a group ends when its significant child has, and a transient group then stays down", "[supervisor]") {
  fixture f;
  auto inner = f.group(restart::one_for_one, "bc");
  inner.policy.auto_shutdown = auto_shutdown::any_significant;
  inner.children[1].type = restart_type::transient;
  inner.children[1].significant = true;
  auto below = *supervisor_factory::make(inner);
  auto o = f.group(restart::one_for_one, "a");
  o.children.push_back({.name = "below", .make = below, .type = restart_type::transient, .shutdown = wait_forever});
  auto tree = *supervisor_factory::make(o);
  f.s.system.spawn(tree);
  f.take();
  f.s.send(below.child("c"), crash{});
  CHECK(f.take() == diary{"-c", "+c"});
  f.s.send(below.child("c"), quit{});
  CHECK(f.take() == diary{"-c", "-b"});
  CHECK_FALSE(tree.child("below"));
  CHECK(f.escalations == 0);
}

TEST_CASE("a supervisor that contains itself fails to start, and says why", "[supervisor]") {
  fixture f;
  std::vector<std::string> causes;
  auto inner = std::make_shared<actor_factory>();
  auto o = f.otp_group(restart::one_for_one, "a", 3);
  o.children.push_back({.name = "itself", .make = [inner] { return (*inner)(); }, .shutdown = wait_forever});
  o.hooks.escalated = [&](const error& cause) { causes.push_back(cause.message); };
  *inner = *supervisor_factory::make(o);
  f.s.system.spawn(*inner, {.name = "top"});
  f.s.advance(1min);
  CHECK(f.take() == diary{"+a", "-a"});
  CHECK(causes == std::vector<std::string>{"could not start: the supervisor itself contains itself"});
  *inner = {};
}

TEST_CASE("a wrong specification names every mistake and starts nothing", "[supervisor]") {
  fixture f;
  auto o = f.group(restart::one_for_one, "aa");
  o.children.push_back({.name = "empty", .make = nullptr});
  o.children[0].shutdown = -1s;
  auto r = supervisor_factory::make(o);
  REQUIRE_FALSE(r);
  CHECK(r.error().code == code::invalid_argument);
  for (auto part : {"two children are named a", "negative", "empty has no factory"})
    CHECK(r.error().message.find(part) != std::string::npos);
}

TEST_CASE("terminating a child in the wait of its group ends those that fell with it: who asks them is told", "[supervisor]") {
  fixture f;
  auto tree = *supervisor_factory::make(f.group(restart::one_for_all, "ab"));
  auto top = f.s.system.spawn(tree);
  f.take();
  auto a = tree.child("a"), b = tree.child("b");
  for (int i = 0; i < 2; ++i) f.s.send(a, crash{});
  f.s.run();
  auto waiting = f.s.ask(b, incarnation{}, 1h);
  CHECK_FALSE(waiting.is_there());
  CHECK((*f.s.ask(top, terminate_child{"a"})).has_value());
  REQUIRE(waiting.is_there());
  CHECK(waiting->error().outcome == outcome::not_applied);
  CHECK((*f.s.ask(top, restart_child{"b"})).has_value());
  CHECK((*f.s.ask(tree.child("b"), incarnation{})).has_value());
}
