#include <banyan/supervision/pool.hpp>
#include <banyan/supervision/supervisor.hpp>

#include <tests/framework/actor/stepped.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

using diary = std::vector<std::string>;

struct crash {};
struct quit {};
struct finish {};
struct note {
  int n;
};

// Writes down when it starts ("+a") and when its state goes ("-a"); takes its time to end.
struct job : actor {
  job(std::string name, diary* d, nanoseconds ends_after, int* start_failures)
      : name_{std::move(name)}, diary_{d}, ends_after_{ends_after}, start_failures_{start_failures} {}
  ~job() override { diary_->push_back("-" + name_); }
  void started() override {
    if (start_failures_ && (*start_failures_)-- > 0) throw std::runtime_error{"can not start"};
    diary_->push_back("+" + name_);
  }
  void asked_to_end(ending) override {
    if (ends_after_.count() > 0)
      self().after(ends_after_, finish{});
    else
      self().end();
  }
  behavior make_behavior() override {
    return behavior{}
        .on<crash>([](const crash&) { throw std::runtime_error{"crash"}; })
        .on<quit>([this](const quit&) { self().stop(); })
        .on<finish>([this](const finish&) { self().end(); })
        .on<note>([this](const note& n) { diary_->push_back(name_ + std::to_string(n.n)); });
  }
  std::string name_;
  diary* diary_;
  nanoseconds ends_after_;
  int* start_failures_;
};

struct fixture {
  diary seen;
  int escalations = 0;
  test::stepped s;
  address pool;

  explicit fixture(supervision_policy policy = {}) {
    auto make = pool_factory::make({.policy = policy, .hooks = {.escalated = [this](const error&) { ++escalations; }}});
    pool = s.system.spawn(*make, {.name = "pool"});
    s.run();
  }
  child_spec spec(const std::string& name, restart_type type = restart_type::permanent, nanoseconds ends_after = 0ns,
                  int* start_failures = nullptr) {
    return {.name = name, .make = [=, this] { return std::make_unique<job>(name, &seen, ends_after, start_failures); }, .type = type};
  }
  address start(const child_spec& c) {
    auto a = s.ask(pool, start_child{c});
    REQUIRE((*a).has_value());
    return **a;
  }
  diary take() {
    s.run();
    return std::exchange(seen, {});
  }
  std::size_t members() { return (**s.ask(pool, list_children{})).size(); }
};

supervision_policy otp(int restarts) { return {.backoff = no_backoff, .limit = intensity{.restarts = restarts, .within = 5s}}; }

}  // namespace

TEST_CASE("a child of a pool is restarted alone and in place: same address, mailbox in order", "[pool]") {
  fixture f;
  auto a = f.start(f.spec("a"));
  auto b = f.start(f.spec("b"));
  f.s.send(a, note{1});
  f.s.send(a, crash{});
  f.s.send(a, note{2});
  f.s.send(b, note{3});
  auto got = f.take();
  got.erase(std::remove(got.begin(), got.end(), "b3"), got.end());
  CHECK(got == diary{"+a", "+b", "a1", "-a", "+a", "a2"});
  CHECK(f.members() == 2);
}

TEST_CASE("children of one pool each have their own restart type", "[pool]") {
  fixture f{otp(10)};
  auto p = f.start(f.spec("p")), t = f.start(f.spec("t", restart_type::transient)), x = f.start(f.spec("x", restart_type::temporary));
  f.take();
  for (auto& who : {p, t, x}) f.s.send(who, crash{});
  auto got = f.take();
  CHECK(std::count(got.begin(), got.end(), "+p") == 1);
  CHECK(std::count(got.begin(), got.end(), "+t") == 1);
  CHECK(std::count(got.begin(), got.end(), "+x") == 0);
  for (auto& who : {p, t}) f.s.send(who, quit{});
  got = f.take();
  CHECK(std::count(got.begin(), got.end(), "+p") == 1);
  CHECK(std::count(got.begin(), got.end(), "+t") == 0);
  CHECK(f.members() == 1);
}

TEST_CASE("children need no names, and may share them", "[pool]") {
  fixture f;
  auto a = f.start(f.spec("")), b = f.start(f.spec("")), c = f.start(f.spec("c")), d = f.start(f.spec("c"));
  CHECK(f.members() == 4);
  for (auto& who : {a, c}) CHECK((*f.s.ask(f.pool, terminate_member{who})).has_value());
  CHECK(f.members() == 2);
  CHECK(f.s.ask(f.pool, terminate_member{a})->error().code == code::not_found);
  CHECK(f.s.ask(f.pool, start_child{{}})->error().message == "the child has no factory");
}

TEST_CASE("a pool of a hundred ends in the time of its slowest child, not in the sum", "[pool]") {
  fixture f;
  for (int i = 1; i <= 100; ++i) f.start(f.spec("a", restart_type::permanent, i * 10ms));
  f.take();
  bool ended = false;
  stop_actor(f.pool, [&](result<done>) { ended = true; });
  f.s.advance(999ms);
  CHECK(f.take().size() == 99);
  CHECK_FALSE(ended);
  f.s.advance(1ms);
  CHECK(ended);
}

TEST_CASE("what is not done in its time is abandoned, all at the same time", "[pool]") {
  fixture f;
  for (int i = 0; i < 5; ++i) {
    auto c = f.spec("a", restart_type::permanent, 1min);
    c.shutdown = 2s;
    f.start(c);
  }
  bool ended = false;
  stop_actor(f.pool, [&](result<done>) { ended = true; });
  f.s.advance(1999ms);
  CHECK_FALSE(ended);
  f.s.advance(1ms);
  CHECK(ended);
  f.s.advance(1min);
}

TEST_CASE("each child has its own time to end, in whatever order they are told to", "[pool]") {
  fixture f;
  std::vector<test::stepped::answer_slot<done>> gone;
  for (auto time : {3s, 1s, 2s}) {
    auto c = f.spec("a", restart_type::permanent, 4s);
    c.shutdown = time;
    auto who = f.start(c);
    gone.push_back(f.s.ask(f.pool, terminate_member{who}, 10s));
  }
  const auto ended = [&] { return std::vector<bool>{gone[0].is_there(), gone[1].is_there(), gone[2].is_there()}; };
  f.s.advance(999ms);
  CHECK(ended() == std::vector<bool>{false, false, false});
  f.s.advance(1ms);
  CHECK(ended() == std::vector<bool>{false, true, false});
  f.s.advance(1s);
  CHECK(ended() == std::vector<bool>{false, true, true});
  f.s.advance(999ms);
  CHECK_FALSE(gone[0].is_there());
  f.s.advance(1ms);
  CHECK(gone[0].is_there());
  f.s.advance(4s);
}

TEST_CASE("a child that ends slowly holds nobody up", "[pool]") {
  fixture f;
  auto slow = f.start(f.spec("slow", restart_type::permanent, 3s));
  auto other = f.start(f.spec("other"));
  auto gone = f.s.ask(f.pool, terminate_member{slow}, 10s);
  f.s.send(other, crash{});
  f.start(f.spec("new"));
  CHECK(f.take() == diary{"+slow", "+other", "-other", "+other", "+new"});
  CHECK_FALSE(gone.is_there());
  f.s.advance(3s);
  CHECK((*gone).has_value());
}

TEST_CASE("a child that can not start is answered so and not kept; later it is tried until it can", "[pool]") {
  fixture f;
  int failures = 1;
  auto refused = f.s.ask(f.pool, start_child{f.spec("a", restart_type::permanent, 0ns, &failures)});
  CHECK(refused->error().reason == "could_not_start");
  CHECK(f.members() == 0);
  f.take();
  failures = 0;
  auto a = f.start(f.spec("a", restart_type::permanent, 0ns, &failures));
  failures = 4;
  f.s.send(a, crash{});
  f.s.send(a, note{1});
  f.s.advance(5s);
  auto got = f.take();
  CHECK(std::count(got.begin(), got.end(), "+a") == 2);
  CHECK(got.back() == "a1");
}

TEST_CASE("a child can be terminated while it waits for its restart", "[pool]") {
  fixture f;
  auto a = f.start(f.spec("a"));
  for (int i = 0; i < 2; ++i) f.s.send(a, crash{});
  f.take();
  CHECK((**f.s.ask(f.pool, list_children{})).at(0).state == child_state::restarting);
  auto late = f.s.ask(a, await_children{}, 1h);
  CHECK((*f.s.ask(f.pool, terminate_member{a})).has_value());
  CHECK(late->error().code == code::unavailable);
  f.s.advance(1min);
  CHECK(f.take() == diary{});
  CHECK(f.members() == 0);
}

TEST_CASE("somebody else may stop a child: one that is permanent is started anew", "[pool]") {
  fixture f;
  auto a = f.start(f.spec("a")), t = f.start(f.spec("t", restart_type::transient));
  f.take();
  for (auto& who : {a, t}) stop_actor(who);
  CHECK(f.take() == diary{"-a", "-t", "+a"});
  auto left = **f.s.ask(f.pool, list_children{});
  REQUIRE(left.size() == 1);
  CHECK_FALSE(left[0].who == a);
}

TEST_CASE("too many restarts in a pool end it, and the one above starts an empty one", "[pool]") {
  fixture f;
  auto make = *pool_factory::make({.policy = otp(1)});
  auto tree = *supervisor_factory::make({.children = {{.name = "pool", .make = make, .shutdown = wait_forever}}});
  f.s.system.spawn(tree);
  f.s.run();
  f.pool = tree.child("pool");
  auto a = f.start(f.spec("a"));
  f.start(f.spec("b"));
  f.take();
  f.s.send(a, crash{});
  CHECK(f.take() == diary{"-a", "+a"});
  f.s.send(a, crash{});
  CHECK(f.take() == diary{"-a", "-b"});
  CHECK(tree.child("pool") == f.pool);
  CHECK(f.members() == 0);
  f.start(f.spec("c"));
  CHECK(f.take() == diary{"+c"});
}

TEST_CASE("a member that waits for its restart knows how long", "[pool]") {
  fixture f;
  auto c = f.spec("a");
  c.stash_limit = 0;
  auto a = f.start(c);
  for (int i = 0; i < 2; ++i) {
    f.s.send(a, crash{});
    f.take();
  }
  auto refusal = f.s.ask(a, await_children{})->error();  // any question
  CHECK(refusal.reason == "restarting");
  CHECK(refusal.retry_after > 35ms);  // 50 ms, give or take its jitter
  CHECK(refusal.retry_after != 100ms);
}

TEST_CASE("ten thousand come and go, and nothing of them stays", "[pool]") {
  fixture f;
  for (int i = 0; i < 10'000; ++i) f.start(f.spec("", restart_type::temporary));
  CHECK(f.members() == 10'000);
  const auto all = **f.s.ask(f.pool, list_children{});
  for (const auto& c : all) f.s.send(c.who, quit{});
  f.take();
  CHECK(f.members() == 0);
  CHECK(f.s.system.counters().stopped == 10'000);
}

TEST_CASE("a wrong policy is refused before anything starts", "[pool]") {
  auto r = pool_factory::make({.policy = {.limit = intensity{.restarts = -1}}});
  REQUIRE_FALSE(r);
  CHECK(r.error().code == code::invalid_argument);
}
