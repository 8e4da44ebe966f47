#include <banyan/supervision/pool_strategy.hpp>

#include <tests/framework/supervision/strategy_script.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

enum class life { starting, up, ending, waiting };

}  // namespace

TEST_CASE("whatever happens in a pool, every child comes back or is dropped once, and everyone is answered", "[pool][property]") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    counting random{seed};
    supervision_policy policy;
    if (random.below(2)) policy.backoff = no_backoff, policy.limit = intensity{.restarts = 1'000'000, .within = 1s};
    pool_strategy pool{policy};
    monotonic now{1h};
    std::map<std::size_t, life> lives;
    std::map<std::size_t, child_policy> specs;
    std::set<std::size_t> open;  // questions
    std::map<std::size_t, std::size_t> waits;
    std::size_t asked = 0;
    bool is_down = false;

    std::size_t about = 0;  // whom the event concerns that is being answered
    auto carry_out = [&](const child_actions& actions) {
      for (auto& a : actions) {
        REQUIRE_FALSE(is_down);
        switch (a.kind) {
          case child_action::start:
            lives[a.child] = life::starting;
            break;
          case child_action::stop:
            REQUIRE((lives.at(a.child) == life::up || lives.at(a.child) == life::starting));
            lives[a.child] = life::ending;
            break;
          case child_action::wait:
            waits[a.child] = about;
            lives[about] = life::waiting;
            break;
          case child_action::drop:
            REQUIRE(lives.erase(a.child) == 1);
            break;
          case child_action::answer:
            REQUIRE(open.erase(a.token) == 1);
            break;
          case child_action::abandon:
            break;
          case child_action::down:
            is_down = true;
            break;
          default:
            FAIL("that was not to be expected");
        }
      }
    };
    auto tell = [&](std::size_t child, const child_actions& actions) {
      about = child;
      carry_out(actions);
    };
    for (int step = 0; step < 100; ++step) {
      now += nanoseconds{random.below(200'000'000)};
      moment at{now, random};
      if (lives.empty() || random.below(6) == 0) {
        child_policy c{
            .name = "c", .type = static_cast<restart_type>(random.below(3)), .shutdown = random.below(4) ? timespan{5s} : abandon_at_once};
        specs[pool.next_child()] = c;
        open.insert(++asked);
        carry_out(pool.add(asked, c, at));
        continue;
      }
      auto [child, now_is] = *std::next(lives.begin(), static_cast<std::ptrdiff_t>(random.below(lives.size())));
      switch (random.below(4)) {
        case 0:
          if (now_is == life::starting || now_is == life::up)
            tell(child, pool.exited(child, random.below(3) ? exit_reason::failed : exit_reason::normal, at));
          break;
        case 1:
          if (random.below(3)) break;
          open.insert(++asked);
          tell(child, pool.terminate(asked, child, at));
          break;
        default:
          if (now_is == life::starting) {
            lives[child] = life::up;
            tell(child, pool.started(child, at));
          } else if (now_is == life::ending) {
            tell(child, random.below(5) ? pool.ended(child, at) : pool.overdue(child, at));
          } else if (!waits.empty()) {
            auto w = waits.extract(waits.begin());
            tell(w.mapped(), pool.wait_over(w.key(), at));
          }
      }
    }
    for (auto [child, now_is] : std::map{lives})
      if (now_is == life::starting) {
        lives[child] = life::up;
        tell(child, pool.started(child, {now, random}));
      }
    carry_out(pool.shut_down(true, {now, random}));
    for (auto& [child, now_is] : std::map{lives}) tell(child, pool.ended(child, {now, random}));
    REQUIRE(is_down);
    REQUIRE(lives.empty());
    REQUIRE(open.empty());
    REQUIRE(pool.children().empty());
  }
}

TEST_CASE("a wait that is over after its child was terminated starts nobody", "[pool]") {
  counting random{1};
  pool_strategy pool{{}};
  moment at{monotonic{1h}, random};
  (void)pool.add(1, {.name = "a"}, at);
  (void)pool.started(0, at);
  (void)pool.exited(0, exit_reason::failed, at);
  auto wait = pool.exited(0, exit_reason::failed, at);
  REQUIRE(wait.at(0).kind == child_action::wait);
  CHECK(pool.terminate(2, 0, at) == child_actions{{.kind = child_action::answer, .child = 0, .token = 2}, {child_action::drop, 0}});
  CHECK(pool.wait_over(wait[0].child, at).empty());
}

TEST_CASE("the last significant child of a pool ends it", "[pool]") {
  counting random{1};
  moment at{monotonic{1h}, random};
  pool_strategy pool{{.auto_shutdown = auto_shutdown::all_significant}};
  const child_policy significant{.name = "a", .type = restart_type::transient, .significant = true};
  for (std::size_t i : {0, 1}) {
    (void)pool.add(i, significant, at);
    (void)pool.started(i, at);
  }
  (void)pool.add(2, {.name = "b"}, at);
  (void)pool.started(2, at);
  CHECK(pool.exited(0, exit_reason::shutdown, at) == child_actions{{child_action::drop, 0}});
  CHECK(pool.exited(1, exit_reason::normal, at) == child_actions{{child_action::drop, 1}, {child_action::stop, 2, 5s}});
  CHECK(pool.ended(2, at) == child_actions{{child_action::drop, 2}, {child_action::auto_shutdown}});
}

TEST_CASE("a transient child that ends normally before it is up again is tried again", "[pool]") {
  counting random{1};
  moment at{monotonic{1h}, random};
  pool_strategy pool{{.backoff = no_backoff}};
  (void)pool.add(1, {.name = "a", .type = restart_type::transient}, at);
  (void)pool.started(0, at);
  CHECK(pool.exited(0, exit_reason::failed, at) == child_actions{{child_action::start, 0}});
  CHECK(pool.exited(0, exit_reason::normal, at) == child_actions{{child_action::start, 0}});
  (void)pool.started(0, at);
  CHECK(pool.exited(0, exit_reason::normal, at) == child_actions{{child_action::drop, 0}});
}

namespace {

// A pool with these children up, numbered from 0.
pool_strategy pool_of(std::initializer_list<const char*> names, moment at, supervision_policy policy = {}) {
  pool_strategy pool{std::move(policy)};
  std::size_t n = 0;
  for (const auto* name : names) {
    (void)pool.add(n, {.name = name}, at);
    (void)pool.started(n++, at);
  }
  return pool;
}

}  // namespace

TEST_CASE("children of a pool wait for their restarts each on its own", "[pool]") {
  middle random;
  moment at{monotonic{1h}, random};
  auto pool = pool_of({"a", "b"}, at);
  for (std::size_t child : {0, 1}) {
    CHECK(pool.exited(child, exit_reason::failed, at) == child_actions{{child_action::start, child}});
    CHECK(pool.state_of(child) == child_state::starting);
    (void)pool.started(child, at);
  }
  auto a = pool.exited(0, exit_reason::failed, at), b = pool.exited(1, exit_reason::failed, at);
  REQUIRE(a == child_actions{{child_action::wait, a.at(0).child, 50ms}});
  REQUIRE(b == child_actions{{child_action::wait, b.at(0).child, 50ms}});
  CHECK(pool.state_of(0) == child_state::restarting);
  CHECK(pool.wait_over(b[0].child, at) == child_actions{{child_action::start, 1}});
  CHECK(pool.wait_over(a[0].child, at) == child_actions{{child_action::start, 0}});
  CHECK(pool.restarts_of(0) == 2);
  CHECK(pool.children() == std::vector<std::size_t>{0, 1});
}

TEST_CASE("what a pool hears of a child that it does not expect changes nothing", "[pool]") {
  middle random;
  moment at{monotonic{1h}, random};
  auto pool = pool_of({"a", "b"}, at);
  CHECK(pool.started(0, at).empty());
  CHECK(pool.overdue(0, at).empty());
  CHECK(pool.terminate(7, 0, at) == child_actions{{child_action::stop, 0, 5s}});
  CHECK(pool.started(0, at).empty());
  CHECK(pool.state_of(0) == child_state::suspending);
  CHECK(pool.exited(0, exit_reason::failed, at).empty());  // it will say that it has ended
  CHECK(pool.ended(0, at) == child_actions{{.kind = child_action::answer, .child = 0, .token = 7}, {child_action::drop, 0}});
  for (std::size_t gone : {0, 9}) {
    CHECK(pool.started(gone, at).empty());
    CHECK(pool.exited(gone, exit_reason::failed, at).empty());
    CHECK(pool.ended(gone, at).empty());
    CHECK(pool.overdue(gone, at).empty());
  }
  CHECK(pool.children() == std::vector<std::size_t>{1});
}

TEST_CASE("a pool that ends starts nobody and answers nobody", "[pool]") {
  middle random;
  moment at{monotonic{1h}, random};
  auto pool = pool_of({"a", "b"}, at);
  CHECK(pool.shut_down(true, at) == child_actions{{child_action::stop, 0, 5s}, {child_action::stop, 1, 5s}});
  CHECK(pool.add(7, {.name = "c"}, at).empty());
  CHECK(pool.terminate(8, 0, at).empty());
  CHECK(pool.terminate(9, 5, at).empty());
  CHECK(pool.ended(1, at) == child_actions{{child_action::drop, 1}});
  CHECK(pool.ended(0, at) == child_actions{{child_action::drop, 0}, {child_action::down}});
}
