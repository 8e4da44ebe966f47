// A delivery store can not be built from anything: what it acknowledged is there after a power cut, whole, and nothing
// of what it refused.
#include <banyan/engines/sqlite/delivery_store.hpp>

#include <tests/conformance/delivery_store_engines.hpp>
#include <tests/conformance/journal_engines.hpp>
#include <tests/framework/engines/sqlite/faulty_disk.hpp>

using journal_test::faulty_disk;
using journal_test::seeded;
using journal_test::temporary_folder;
using namespace delivery_test;

namespace {

auto store_on(const std::string& folder, const std::string& vfs = {}) {
  return open_sqlite_delivery_store({.of = fulfilment, .folder = folder, .vfs = vfs});
}

auto give_up(delivery_store& store, position at, std::size_t payload) {
  return commit(store, {.checkpoint = at,
                        .began = 0,
                        .given_up = {letter(at, "e", std::string(payload, 'x'))},
                        .handled = {{at - 10, "e"}},
                        .counted = {crashed_row(at + 1), crashed_row(at + 2)}});
}

void require_one_state(const delivery_store::state& s) {
  REQUIRE(s.letters.count == std::min<position>(s.checkpoint, 10));
  REQUIRE(s.began.has_value() == (s.checkpoint > 0));
  if (s.checkpoint == 0) return;
  REQUIRE(s.letters.first->position == std::max<position>(s.checkpoint - 9, 1));
  REQUIRE(s.counts == std::vector{crashed_row(s.checkpoint + 1), crashed_row(s.checkpoint + 2)});
}

}  // namespace

TEST_CASE("after power loss at any instant a store has all that it acknowledged, in one piece, and goes on") {
  int kept_some = 0, cut_in_between = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    seeded random{seed};
    const temporary_folder before, after;
    faulty_disk disk{seed};
    disk.cut_power_after(static_cast<int>(random.below(seed % 5 == 0 ? 60 : 3'000)));
    position acknowledged = 0;
    if (auto store = store_on(before.path(), disk.name())) {
      if (open(**store)) {
        for (position at = 1; at <= 200 && disk.has_power(); ++at) {
          const auto stored = give_up(**store, at, 1 + random.below(9'000));
          if (stored && disk.has_power()) acknowledged = at;
          if (!stored) ++cut_in_between;
        }
      }
    }
    disk.cut_power_now();
    disk.restore(after.path());

    const auto store = store_on(after.path()).value();
    const auto found = open(*store).value();
    REQUIRE(found.checkpoint >= acknowledged);
    require_one_state(found);
    if (found.checkpoint > 0) ++kept_some;
    REQUIRE(give_up(*store, found.checkpoint + 1, 100).value().checkpoint == found.checkpoint + 1);
    require_one_state(open(*store).value());
  }
  // It did lose power in interesting moments.
  CHECK(kept_some > 50);
  CHECK(cut_in_between > 20);
}

TEST_CASE("a power cut takes back checkpoints at most, and none from before the last change that was more") {
  int taken_back = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    seeded random{seed};
    const temporary_folder before, after;
    faulty_disk disk{seed};
    disk.cut_power_after(static_cast<int>(random.below(3'000)));
    position moved_to = 0, kept = 0, letters = 0;
    if (auto store = store_on(before.path(), disk.name())) {
      if (open(**store)) {
        for (position at = 1; at <= 300 && disk.has_power(); ++at) {
          const bool is_more = random.below(4) == 0;
          delivery_change change{.checkpoint = at};
          if (is_more) change.given_up = {letter(at, "e", "x")};
          if (!commit(**store, change) || !disk.has_power()) break;
          moved_to = at;
          if (!is_more) continue;
          kept = at;
          ++letters;
        }
      }
    }
    disk.cut_power_now();
    disk.restore(after.path());

    const auto store = store_on(after.path()).value();
    const auto found = open(*store).value();
    REQUIRE(found.checkpoint >= kept);
    REQUIRE(found.letters.count >= letters);
    REQUIRE(found.letters.count <= letters + 1);  // the last change may be stored without an answer
    if (found.checkpoint < moved_to) ++taken_back;
    REQUIRE(commit(*store, {.checkpoint = found.checkpoint + 1}).value().checkpoint == found.checkpoint + 1);
  }
  CHECK(taken_back > 10);
}

TEST_CASE("a full disk refuses the change, keeps the store as it was, and takes it when there is room") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    seeded random{seed};
    const temporary_folder folder;
    faulty_disk disk{seed};
    const auto store = store_on(folder.path(), disk.name()).value();
    open(*store).value();
    give_up(*store, 1, 100).value();
    disk.fill_up_after(static_cast<int>(random.below(200)));
    position at = 1;
    for (;; ++at) {
      REQUIRE(at < 1000);
      const auto stored = give_up(*store, at + 1, 9'000);
      if (stored) continue;
      REQUIRE(stored.error().code == code::exhausted);
      break;
    }
    REQUIRE(checkpoint(*store) == at);
    REQUIRE(open(*store).error().code == code::exhausted);  // nobody is told that he owns what he can not write to
    disk.make_room();
    REQUIRE(give_up(*store, at + 1, 9'000).value().checkpoint == at + 1);  // still its owner
    require_one_state(open(*store).value());
  }
}
