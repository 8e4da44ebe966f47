// A saga whose power fails at every moment, whose journal refuses, and which has two owners: it ends as it would have
// without, and its services have executed every step once.
#include "saga_node.hpp"

using namespace saga_tests;

namespace {

using names = std::vector<std::string>;

struct story {
  const char* what;
  std::set<std::string> declining = {};
  bool needs_approval = false;
  int answers_lost = 0;
  std::string how = "done";
  names executed = {"charge", "confirm_order", "reserve_stock", "reserve_stock"};  // sorted
};

const std::vector<story> stories{
    {.what = "it goes well"},
    {.what = "answers are lost", .answers_lost = 1},
    {.what = "the charge is declined", .declining = {"charge"}, .answers_lost = 1, .how = "undone",
     .executed = {"release_stock", "release_stock", "reserve_stock", "reserve_stock"}},
    {.what = "nobody approves", .needs_approval = true, .how = "undone",
     .executed = {"charge", "refund", "release_stock", "release_stock", "reserve_stock", "reserve_stock"}},
};

void set(saga_node& n, const story& t) {
  n.services.declining = t.declining;
  n.services.needs_approval = t.needs_approval;
  n.services.answers_lost = t.answers_lost;
}

void check_end(const saga_node& n, const story& t) {
  CHECK(n.ending().starts_with(t.how));
  auto executed = n.services.executed;
  std::sort(executed.begin(), executed.end());
  CHECK(executed == t.executed);
  const auto code = n.spec.code_of(1);
  const auto turns = n.turns();
  const auto rebuilt = rebuild_saga(code, turns);  // each turn replays
  REQUIRE(rebuilt);
  CHECK((*rebuilt)->turns() == static_cast<int>(turns.size()));
}

// A caller that asks until it is answered.
class starter {
 public:
  explicit starter(saga_node& n) : node_{n} {}
  void go_on(bool lost) {
    if (is_answered_) return;
    if (lost) slot_.reset();
    if (slot_ && slot_->is_there()) {
      is_answered_ = static_cast<bool>(saga_node::value_of(*slot_));
      slot_.reset();
      if (is_answered_) return;
    }
    if (!slot_) slot_ = node_.send(node_.to_start(), "start", 1h);
  }
  bool is_answered() const { return is_answered_; }

 private:
  saga_node& node_;
  std::optional<test::stepped::answer_slot<message_ptr>> slot_;
  bool is_answered_ = false;
};

bool has_ended(const saga_node& n) {
  const auto said = n.ending();
  return said != "no end" && said != "not started";
}

// Power fails before step `cut`, and again `more` times. False: the saga had ended before.
bool run(const story& t, std::uint64_t seed, int cut, int more) {
  INFO(t.what << ", seed " << seed << ", cut " << cut);
  test::counting_random random{seed};
  saga_node n;
  set(n, t);
  starter caller{n};
  bool was_cut = false;
  for (int i = 0; !has_ended(n) || !caller.is_answered(); ++i) {
    REQUIRE(i < 20'000);
    const bool cuts = i == cut || (i > cut && more > 0 && random.below(20) == 0);
    if (cuts) {
      if (i > cut) --more;
      n.fail_power(random);
      was_cut = true;
    }
    caller.go_on(cuts);
    n.step(random);
  }
  n.settle();
  check_end(n, t);
  return was_cut;
}

}  // namespace

TEST_CASE("the power fails before any step of a saga: it goes on when the program has started again") {
  for (const auto& t : stories)
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
      for (int cut = 0; run(t, seed, cut, 0); ++cut) {
      }
}

TEST_CASE("the power fails again and again") {
  for (const auto& t : stories)
    for (std::uint64_t seed = 1; seed <= 100; ++seed) run(t, seed, static_cast<int>(seed % 40), 5);
}

TEST_CASE("two owners of a saga: one append wins, and the other goes on from there") {
  for (const auto& t : stories)
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      INFO(t.what << ", seed " << seed);
      test::counting_random random{seed};
      saga_node n;
      set(n, t);
      auto rival = n.another();
      starter one{n}, other{n};
      for (int i = 0; !has_ended(n) || !one.is_answered() || !other.is_answered(); ++i) {
        REQUIRE(i < 20'000);
        one.go_on(false);
        std::swap(n.who, rival);
        other.go_on(false);
        std::swap(n.who, rival);
        n.step(random);
      }
      n.settle();
      check_end(n, t);
      // Both know the end.
      for (int i = 0; i < 2; ++i) {
        n.pass(1min);
        CHECK(n.start());
        std::swap(n.who, rival);
      }
    }
}

TEST_CASE("a journal that refuses now and then delays a saga, and changes nothing") {
  for (const auto& t : stories)
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      INFO(t.what << ", seed " << seed);
      test::counting_random random{seed};
      saga_node n;
      set(n, t);
      starter caller{n};
      for (int i = 0; !has_ended(n) || !caller.is_answered(); ++i) {
        REQUIRE(i < 20'000);
        if (i < 200 && random.below(8) == 0) n.journal.refuse_appends(1, error{code::exhausted, "the disk is full"});
        if (i < 200 && random.below(8) == 0) n.journal.fail_syncs(1);
        caller.go_on(false);
        n.step(random);
      }
      n.settle();
      check_end(n, t);
    }
}
