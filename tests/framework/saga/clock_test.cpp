// The clock of sagas: whom it wakes, when, and how many at once.
#include <tests/framework/actor/stepped.hpp>

#include <banyan/cqrs/view_store_rows.hpp>
#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/saga/saga_clock.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace banyan;
using namespace std::chrono_literals;

struct woken {
  std::string id;
  nanoseconds at;  // since the clock started
};

// Keeps whom it is told to wake; nobody is really there. Answers at once, or when `held` are released.
class shards final : public actor {
 public:
  shards(std::vector<woken>& seen, monotonic began, const bool& holds, std::vector<message_ptr>& held)
      : seen_{seen}, began_{began}, holds_{holds}, held_{held} {}
  behavior make_behavior() override {
    return behavior{}.on_message<wake_saga>([this](message_ptr& m) {
      seen_.push_back({m->as<wake_saga>().id, self().steady() - began_});
      if (holds_) return held_.push_back(std::move(m));
      answer<done>(*m);
    });
  }

 private:
  std::vector<woken>& seen_;
  monotonic began_;
  const bool& holds_;
  std::vector<message_ptr>& held_;
};

class clock_world {
 public:
  clock_world() {
    progress->applied = 0;
    index->open({}, &create_saga_index, [](result<view_store::state> r) { (void)r.value(); });
    to = s.system.spawn([this, began = s.clock.time] { return std::make_unique<shards>(seen, began, holds, held); });
  }
  void start() {
    s.system.spawn([this] {
      return std::make_unique<saga_clock>(*index, progress, [this](message&) { return to; }, gauge{overdue});
    });
    s.run();
  }
  // A saga with a timer, due so long after the beginning.
  void put_timer(const std::string& id, nanoseconds due) {
    const auto at = (instant{std::chrono::duration_cast<nanoseconds>(std::chrono::hours{1})} + due);
    change([&](view_writer& v) {
      v.run("insert or replace into saga_timers values (?1, 1, ?2)", id, at.time_since_epoch().count());
    });
  }
  void put_step(const std::string& id, bool begun = false) {
    change([&](view_writer& v) {
      v.run("insert or replace into saga_steps values (?1, 1, 'a.step', ?2)", id, begun ? 1 : 0);
    });
  }
  void change(const std::function<void(view_writer&)>& what) {
    index->write(what, ++last, [](result<position> r) { (void)r.value(); });
  }
  std::map<std::string, int> times() const {
    std::map<std::string, int> all;
    for (const auto& w : seen) ++all[w.id];
    return all;
  }

  std::unique_ptr<view_store> index = open_memory_view_store().value();
  std::shared_ptr<view_progress> progress = std::make_shared<view_progress>();
  std::atomic<double> overdue{0};
  std::vector<woken> seen;
  bool holds = false;
  std::vector<message_ptr> held;
  position last = 0;
  test::stepped s;
  address to;
};

}  // namespace

TEST_CASE("a saga is woken when its timer is due, not before") {
  clock_world w;
  w.put_timer("soon", 3s);
  w.put_timer("later", 25s);
  w.start();
  CHECK(w.seen.empty());
  w.s.advance(3s);
  REQUIRE(w.seen.size() == 1);
  CHECK(w.seen[0].id == "soon");
  CHECK(w.seen[0].at >= 3s);
  w.change([](view_writer& v) { v.run("delete from saga_timers where id = 'soon'"); });
  w.s.advance(21s);
  CHECK(w.times().count("later") == 0);
  w.s.advance(2s);
  CHECK(w.times()["later"] == 1);
}

TEST_CASE("an overdue timer is seen again at each look, and says how late it is") {
  clock_world w;
  w.put_timer("late", -30s);
  w.start();
  CHECK(w.times()["late"] == 1);
  CHECK(w.overdue.load() == Approx(30).margin(1));
  w.s.advance(15s);
  CHECK(w.times()["late"] == 2);
  CHECK(w.overdue.load() == Approx(40).margin(1));
}

TEST_CASE("sagas with open steps are woken at the start, and again now and then") {
  clock_world w;
  w.put_step("a");
  w.put_step("b");
  w.start();
  CHECK(w.times() == std::map<std::string, int>{{"a", 1}, {"b", 1}});
  w.s.advance(30s);
  CHECK(w.times()["a"] == 1);
  w.s.advance(60s);
  CHECK(w.times()["a"] == 2);
}

TEST_CASE("a saga whose step another one has begun is woken after a restart, and not again") {
  clock_world w;
  w.put_step("waits for a saga", true);
  w.put_step("waits for a service");
  w.start();
  CHECK(w.times() == std::map<std::string, int>{{"waits for a saga", 1}, {"waits for a service", 1}});
  w.s.advance(300s);
  CHECK(w.times()["waits for a saga"] == 1);
  CHECK(w.times()["waits for a service"] > 3);
}

TEST_CASE("while the index lags behind the journal of the start, the clock looks more often") {
  clock_world w;
  w.progress->head = 100;
  w.start();
  w.s.advance(5s);
  w.put_step("found later");
  w.put_timer("due", 1s);
  w.s.advance(2s);
  CHECK(w.times().count("found later") == 1);
  CHECK(w.times().count("due") == 1);
  w.progress->applied = 100;
  w.s.advance(1s);
  w.seen.clear();
  w.s.advance(5s);
  CHECK(w.seen.empty());
}

TEST_CASE("ten thousand timers that are due at once: the longest overdue first, a bounded number at once") {
  clock_world w;
  constexpr int all = 10'000;
  w.change([&](view_writer& v) {
    for (int i = 0; i < all; ++i) {
      const auto due = std::chrono::duration_cast<nanoseconds>(1h - std::chrono::milliseconds{i + 1});
      v.run("insert into saga_timers values (?1, 1, ?2)", "s" + std::to_string(i), due.count());
    }
  });
  w.start();
  CHECK(w.seen.size() == saga_clock::most);
  CHECK(w.seen[0].id == "s9999");
  w.s.advance(1s);
  CHECK(w.seen.size() <= 7u * saga_clock::most);
  w.s.advance(3s);
  const auto times = w.times();
  CHECK(times.size() == all);
  CHECK(std::all_of(times.begin(), times.end(), [](const auto& t) { return t.second == 1; }));
}

TEST_CASE("a bounded number of sagas is being activated, and each that is leaves its place to the next") {
  clock_world w;
  constexpr auto all = saga_clock::most_waking + saga_clock::most_waking / 2;
  for (std::size_t i = 0; i < all; ++i) w.put_timer("s" + std::to_string(i), -1s);
  w.holds = true;
  w.start();
  CHECK(w.seen.size() == saga_clock::most_waking);
  w.s.advance(2s);
  CHECK(w.seen.size() == saga_clock::most_waking);
  for (auto& m : std::exchange(w.held, {})) answer<done>(*m);
  w.s.run();
  CHECK(w.seen.size() == all);
  for (auto& m : std::exchange(w.held, {})) answer<done>(*m);
  w.s.run();
}

TEST_CASE("sagas that do not answer hold up the others for a bounded time") {
  clock_world w;
  constexpr auto all = saga_clock::most_waking + saga_clock::most_waking / 2;
  for (std::size_t i = 0; i < all; ++i) w.put_step("s" + std::to_string(i));
  w.holds = true;
  w.start();
  CHECK(w.times().size() == saga_clock::most_waking);
  w.s.advance(saga_clock::wake_limit + 1s);
  CHECK(w.times().size() == all);
  w.held.clear();
  w.s.run();
}
