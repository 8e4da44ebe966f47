#include <banyan/journal/journal_history.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace banyan;

namespace {

uuid epoch(std::uint64_t n) { return derive(uuid{}, n, "epoch"); }

// Small and repeatable; the seed is all its state.
class numbers {
 public:
  explicit numbers(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15u} {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state_ >> 33) % n;
  }

 private:
  std::uint64_t state_;
};

// A journal's file: events that are like no others, and the epochs stored with them.
struct copy_of_a_journal {
  std::vector<std::uint64_t> events;
  std::vector<journal_epoch> stored;
  journal_history history;  // while it is open
  bool is_open = false;

  position head() const { return static_cast<position>(events.size()); }
  void open(const uuid& id) {
    history = journal_history{stored}.opened(id, head());
    is_open = true;
  }
  void append(std::uint64_t event) {
    if (stored.empty() || stored.back() != history.epochs().back()) stored.push_back(history.epochs().back());
    events.push_back(event);
  }
  void cut(position kept) {
    events.resize(static_cast<std::size_t>(kept));
    std::erase_if(stored, [&](const auto& e) { return e.begins > kept; });
    is_open = false;
  }
};

}  // namespace

TEST_CASE("a position is of the last epoch that began at or before it") {
  const auto h = journal_history{}.opened(epoch(1), 0).opened(epoch(2), 10).opened(epoch(3), 12);
  CHECK(h.epochs() == std::vector<journal_epoch>{{1, epoch(1)}, {11, epoch(2)}, {13, epoch(3)}});
  CHECK(h.epoch_of(0).is_nil());
  CHECK(h.epoch_of(-1).is_nil());
  CHECK(h.epoch_of(1) == epoch(1));
  CHECK(h.epoch_of(10) == epoch(1));
  CHECK(h.epoch_of(11) == epoch(2));
  CHECK(h.epoch_of(1'000) == epoch(3));
  CHECK(journal_history{}.epoch_of(1).is_nil());
}

TEST_CASE("an epoch that wrote nothing makes room for the next") {
  const auto h = journal_history{}.opened(epoch(1), 0).opened(epoch(2), 5).opened(epoch(3), 5).opened(epoch(4), 5);
  CHECK(h.epochs() == std::vector<journal_epoch>{{1, epoch(1)}, {6, epoch(4)}});
  CHECK_FALSE(h.contains({6, epoch(2)}, 6));
  CHECK(h.opened(epoch(5), 3).epochs() == std::vector<journal_epoch>{{1, epoch(1)}, {4, epoch(5)}});  // the tail was lost
}

TEST_CASE("a position of another epoch, beyond the head, or below nothing is of another history; 0 is of every one") {
  const auto h = journal_history{}.opened(epoch(1), 0).opened(epoch(2), 10);
  CHECK(h.contains(h.mark(10), 15));
  CHECK(h.contains(h.mark(15), 15));
  CHECK_FALSE(h.contains(h.mark(16), 15));
  CHECK_FALSE(h.contains({10, epoch(2)}, 15));
  CHECK_FALSE(h.contains({11, epoch(1)}, 15));
  CHECK_FALSE(h.contains({11, epoch(9)}, 15));
  CHECK_FALSE(h.contains({11, uuid{}}, 15));
  CHECK_FALSE(h.contains({-1, uuid{}}, 15));
  CHECK(h.contains({0, epoch(9)}, 15));
  CHECK(journal_history{}.contains({}, 0));
  CHECK_FALSE(journal_history{}.contains({1, uuid{}}, 1));
}

TEST_CASE("beyond the bound the oldest epochs are forgotten, and their positions are nobody's") {
  auto h = journal_history{};
  const auto most = static_cast<position>(journal_history::max_epochs);
  std::vector<journal_epoch> all;
  for (position n = 1; n <= most; ++n) all.push_back({2 * n - 1, epoch(static_cast<std::uint64_t>(n))});
  h = journal_history{all};
  CHECK(h.contains({1, epoch(1)}, 2 * most));
  h = h.opened(epoch(99'999), 2 * most);
  CHECK(h.epochs().size() == journal_history::max_epochs);
  CHECK(h.epoch_of(2).is_nil());
  CHECK_FALSE(h.contains({2, epoch(1)}, 2 * most));
  CHECK_FALSE(h.contains(h.mark(2), 2 * most));
  CHECK(h.contains({3, epoch(2)}, 2 * most));
}

TEST_CASE("of random copies, restored, cut and written on, a remembered position is accepted exactly when all up to it is the same") {
  std::size_t accepted = 0, refused = 0, beyond = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    numbers random{seed};
    std::vector<copy_of_a_journal> copies(1);
    std::uint64_t events = 0, openings = 0;
    struct remembered {
      epoch_position where;
      std::vector<std::uint64_t> upto;
    };
    std::vector<remembered> known;
    for (int step = 0; step < 120; ++step) {
      const auto which = random.below(copies.size());
      switch (random.below(6)) {
        case 0:
          if (copies.size() < 6) {
            copies.push_back(copies[which]);  // also while the first goes on
            copies.back().is_open = false;
          }
          break;
        case 1: copies[which].cut(static_cast<position>(random.below(copies[which].events.size() + 1))); break;
        case 2: copies[which].is_open = false; break;
        default: {
          auto& j = copies[which];
          if (!j.is_open) j.open(epoch(++openings));
          for (auto n = random.below(4); n > 0; --n) j.append(++events);
          const auto at = static_cast<position>(random.below(j.events.size() + 1));
          known.push_back({j.history.mark(at), {j.events.begin(), j.events.begin() + at}});
        }
      }
      auto& judge = copies[random.below(copies.size())];
      if (!judge.is_open) judge.open(epoch(++openings));
      for (const auto& r : known) {
        const auto length = static_cast<std::ptrdiff_t>(r.upto.size());
        const bool same = r.where.at <= judge.head() && std::equal(r.upto.begin(), r.upto.end(), judge.events.begin(), judge.events.begin() + length);
        CAPTURE(r.where.at, judge.head());
        REQUIRE(judge.history.contains(r.where, judge.head()) == same);
        ++(same ? accepted : r.where.at > judge.head() ? beyond : refused);
      }
    }
  }
  CHECK(accepted > 1'000);
  CHECK(refused > 1'000);
  CHECK(beyond > 1'000);
}
