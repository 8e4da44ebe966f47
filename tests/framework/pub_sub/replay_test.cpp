// Dead letters that are delivered again: handled they are gone, and otherwise they stay, whatever else is written meanwhile.
#include <tests/framework/pub_sub/scripted_world.hpp>

#include <banyan/pub_sub/delivery_store_decorator.hpp>

#include <catch2/catch.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;
using world = scripted_world;

namespace {

// Changes are done one by one, when the test says so.
struct slow_disk final : delivery_store_decorator {
  using delivery_store_decorator::delivery_store_decorator;
  void commit(delivery_change change, completion<committed> done) override {
    if (!is_slow) return inner()->commit(std::move(change), std::move(done));
    waiting.push_back(
        [this, change = std::move(change), done = std::make_shared<completion<committed>>(std::move(done))] {
          inner()->commit(change, std::move(*done));
        });
  }
  bool write_one() {
    if (waiting.empty()) return false;
    auto next = std::move(waiting.front());
    waiting.pop_front();
    next();
    return true;
  }
  bool is_slow = false;
  std::deque<std::function<void()>> waiting;
};

// There is a dead letter, at position 1, and from `slow_down` on the write of a newer checkpoint is under way.
struct world_of_a_slow_disk {
  world_of_a_slow_disk() {
    w.spec.max_attempts = 1;
    w.append("a", "refuse");
    w.start();
    w.s.run();
    REQUIRE(w.dead_letters().size() == 1);
  }
  void slow_down() {
    slow.is_slow = true;
    w.append("b", "2");
    w.s.run();
    REQUIRE(slow.write_one());  // that it begins
    w.s.run();
    REQUIRE(slow.waiting.size() == 1);
  }
  memory_view_disk disk;
  std::unique_ptr<slow_disk> store = std::make_unique<slow_disk>(open_memory_delivery_store(disk, numbers).value());
  slow_disk& slow = *store;
  world w{disk, std::move(store)};
};

}  // namespace

TEST_CASE("a dead letter is delivered again on demand, with the same command id, and is gone when it is handled", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.max_attempts = 2;
  w.append("b", "wait");  // keeps the checkpoint before the dead letter
  w.append("a", "refuse");
  w.append("a", "3");
  w.start();
  w.s.advance(1s);
  REQUIRE(w.dead_letters().size() == 1);
  CHECK(w.progress->dead_letters().count == 1);
  CHECK(w.progress->dead_letters().first->reason == "unavailable: not today");

  const auto still = w.replay(2);
  REQUIRE_FALSE(still);
  CHECK(still.error().reason == "dead_letter_stays");
  CHECK(still.error().message == "not today");
  CHECK(w.dead_letters() == std::vector<world::dead>{{2, "refuse", 3, "unavailable: not today"}});

  w.mended = "refuse";
  CHECK(w.replay(2).value() == delivered_again{4});
  CHECK(w.dead_letters().empty());
  CHECK(w.progress->dead_letters().count == 0);
  CHECK(w.replay(2).error().code == code::not_found);
  CHECK(w.replay(3).error().code == code::not_found);

  world second{disk};  // a process that died before the checkpoint was beyond it
  second.mended = "refuse";
  for (auto* payload : {"1", "refuse", "3"}) second.append(payload == std::string{"1"} ? "b" : "a", payload);
  second.start();
  second.s.advance(1min);
  CHECK(second.dead_letters().empty());
}

TEST_CASE("a dead letter that is handled again while others are, and their checkpoints are being written, is gone", "[subscription]") {
  world_of_a_slow_disk slowed;
  auto& slow = slowed.slow;
  auto& w = slowed.w;
  slowed.slow_down();
  if (GENERATE(true, false)) w.mended = "refuse";
  std::optional<result<delivered_again>> answer;
  w.s.system.ask(w.who, replay_dead_letter{1}, 10min, [&](result<delivered_again> r) { answer = std::move(r); });
  for (int i = 3; i < 20 && !answer; ++i) {  // there is always something to write
    w.s.run();
    w.append("b", std::to_string(i));
    w.s.run();
    slow.write_one();
    w.s.run();
  }
  while (slow.write_one()) w.s.run();
  REQUIRE(answer);
  CHECK(w.dead_letters().size() == (w.mended.empty() ? 1 : 0));
  CHECK(w.progress->dead_letters().count == (w.mended.empty() ? 1 : 0));
  if (w.mended.empty()) {
    CHECK(answer->error().reason == "dead_letter_stays");
    CHECK(w.dead_letters().front().attempts == 2);
  } else {
    CHECK(answer->value() == delivered_again{2});
  }
}

TEST_CASE("an ordered end stores how a replay ended", "[subscription]") {
  world_of_a_slow_disk slowed;
  auto& slow = slowed.slow;
  auto& w = slowed.w;
  w.mended = "refuse";
  slowed.slow_down();
  w.s.system.ask(w.who, replay_dead_letter{1}, 10min, [](result<delivered_again>) {});
  w.s.run();
  bool has_ended = false;
  stop_actor(w.who, [&](result<done>) { has_ended = true; });
  w.s.run();
  while (slow.write_one()) w.s.run();
  CHECK(has_ended);
  CHECK(w.dead_letters().empty());
}

TEST_CASE("dead letters outlive the process, and a replay that hangs or throws leaves them", "[subscription]") {
  memory_view_disk disk;
  for (int process = 1; process <= 2; ++process) {
    world w{disk};
    w.spec.max_attempts = 1;
    w.spec.handle_within = 5s;
    w.append("a", "hang");
    w.append("b", "throw");
    w.start();
    w.s.advance(1min);
    CHECK(w.progress->dead_letters().count == 2);
    if (process == 1) continue;
    CHECK(w.began.empty());
    CHECK(w.replay(1).error().code == code::deadline_exceeded);
    CHECK(w.replay(2).error().message == "it crashed its handler: no luck");
    CHECK(w.dead_letters() == std::vector<world::dead>{{1, "hang", 2, "deadline_exceeded: not handled within 5s"},
                                                       {2, "throw", 4, "internal: it crashed its handler: no luck"}});
    CHECK(w.s.system.counters().crashes == 0);
  }
}
