// Random sagas in a random world: whatever happens, the laws hold.
#include "saga_world.hpp"

#include <cstdlib>

using namespace saga_tests;

TEST_CASE("the laws of sagas hold for random programs, answers, events, cancellations and crashes") {
  const char* more = std::getenv("BANYAN_SEEDS");
  const auto seeds = more ? std::strtoull(more, nullptr, 10) : 2'000;
  std::map<std::string, int> counts;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    saga_world world{seed, program_generator{seed}.make()};
    CAPTURE(seed);
    try {
      world.run();
    } catch (const std::exception& e) {
      FAIL(e.what());
    }
    for (const auto& [what, n] : world.counts) counts[what] += n;
  }
  std::string all;
  for (const auto& [what, n] : counts) all += what + " " + std::to_string(n) + ", ";
  INFO(all);
  if (seeds < 1'000) return;  // too few for everything to have happened
  for (const char* what : {"runs", "crashes", "events", "stopped", "aborted", "lost", "refused undo", "turns", "undo",
                           "done", "undone", "attention", "again", "retried", "undone by hand", "begun", "told to end",
                           "too late to end", "ended well"}) {
    CAPTURE(what);
    CHECK(counts[what] > 0);
  }
}
