// Quarantined events of processes that are killed: what is stored of them from one process to the next.
#include <tests/framework/pub_sub/scripted_world.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <list>
#include <optional>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;
using world = scripted_world;

TEST_CASE("a process that dies again and again before it comes to its quarantined events blames nobody", "[subscription]") {
  memory_view_disk disk;
  std::list<world> processes;  // killed ones do nothing any more; ended in order they would clear their quarantine
  for (int process = 1; process <= 20; ++process) {
    auto& w = processes.emplace_back(disk);
    w.append("a", "nap");
    w.start();
    w.s.run();  // no virtual time passes: a trial would have to wait
    CHECK(w.dead_letters().empty());
  }
  world last{disk};
  last.append("a", "nap");
  last.start();
  last.s.advance(10min);
  CHECK(last.progress->checkpoint == 1);
  CHECK(last.dead_letters().empty());
}

TEST_CASE("a death is counted once, also when the next processes end before they come to the event", "[subscription]") {
  memory_view_disk disk;
  std::list<world> processes;
  const auto row = [](world& w) { return w.counts().at(0); };
  for (int process = 1; process <= 2; ++process) {  // under way with others, as far as anybody knows; then alone
    auto& w = processes.emplace_back(disk);
    w.append("a", "nap");
    w.start();
    w.s.run();
    CHECK(row(w).now == delivery_counts::attempt::under_way);
  }
  std::optional<death_evidence::content> evidence;
  for (int process = 3; process <= 6; ++process) {
    auto& w = processes.emplace_back(disk);
    w.append("a", "nap");  // a trial begins at some instant later
    w.start();
    w.s.run();
    for (int i = 0; i < 50 && row(w).now == delivery_counts::attempt::none; ++i) w.s.advance(5ms);  // it has its turn soon
    CHECK(row(w).deaths == 1);
    CHECK(row(w).now == delivery_counts::attempt::waiting);
    if (evidence) CHECK(row(w).evidence == *evidence);
    evidence = row(w).evidence;
  }
}

TEST_CASE("of several events on trial one waits for its instant, and the others are as they were", "[subscription]") {
  memory_view_disk disk;
  std::list<world> processes;
  const auto count = [&](world& w, delivery_counts::attempt now) {
    const auto all = w.counts();
    return std::count_if(all.begin(), all.end(), [&](const auto& r) { return r.now == now; });
  };
  // All are under way, then each in turn is alone.
  for (int process = 1; process <= 5; ++process) {
    auto& w = processes.emplace_back(disk);
    w.trial.first_wait = 1h;
    for (auto* stream : {"a", "b", "c"}) w.append(stream, "nap");
    w.start();
    w.s.run();
    if (process > 1) CHECK(count(w, delivery_counts::attempt::under_way) == (process < 5 ? 1 : 0));
    CHECK(count(w, delivery_counts::attempt::waiting) == 0);
  }
  auto& w = processes.back();
  std::ptrdiff_t most = 0;
  for (int i = 0; i < 100; ++i) {  // until each has asked for its turn
    w.s.advance(2s);
    const auto waiting = count(w, delivery_counts::attempt::waiting);
    CHECK(waiting + count(w, delivery_counts::attempt::under_way) <= 1);
    most = std::max(most, waiting);
  }
  CHECK(most == 1);
  CHECK(w.dead_letters().empty());
  w.s.advance(10h);
  CHECK(w.progress->checkpoint == 3);
}
