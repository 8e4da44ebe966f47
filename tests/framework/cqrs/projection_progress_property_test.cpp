// A projection that follows a random journal through failures, crashes, re-reads and replays: in the end its view holds every event
// once, each stream's in order, and every query got one true answer.
#include <banyan/cqrs/projection_progress.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

using namespace banyan;

namespace {

class numbers {
 public:
  explicit numbers(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15u + 1} {}
  std::uint64_t below(std::uint64_t n) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return (state_ >> 11) % n;
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

class world {
 public:
  explicit world(std::uint64_t seed) : random_{seed} {
    start();
  }

  void run() {
    for (int step = 0; step < 400; ++step) {
      now_ += std::chrono::milliseconds{random_.below(20)};
      switch (random_.below(12)) {
        case 0: case 1: case 2: append(); break;
        case 3: case 4: ask(); break;
        case 5: crash(); break;
        case 6: if (!progress_->parked().empty()) replay(progress_->parked()[random_.below(progress_->parked().size())].stream); break;
        case 7: told(progress_->expire(now_)); break;
        default: follow();
      }
    }
    // The defects are mended and time goes by: everything ends.
    poison_.clear();
    while (progress_->checkpoint() < head()) follow();
    while (!progress_->parked().empty()) replay(progress_->parked().front().stream);
    told(progress_->expire(monotonic::max()));
  }

  void check() const {
    std::map<std::string, std::vector<position>> all;
    for (const auto& e : journal_) {
      if (concerns(e)) all[e.stream].push_back(e.position);
    }
    REQUIRE(rows_ == all);
    REQUIRE(stored_held_.empty());
    REQUIRE(asked_.empty());
    REQUIRE(progress_->waiting() == 0);
  }

  int fresh = 0, late = 0, parked = 0, crashes = 0, replays = 0;

 private:
  static bool concerns(const recorded_event& e) { return e.type == "folded"; }
  position head() const { return journal_.empty() ? 0 : journal_.back().position; }

  void start() {
    std::vector<blocked_event> held;
    for (const auto& entry : stored_held_) held.push_back(entry.second);
    progress_.emplace(projection_progress::start{.checkpoint = stored_checkpoint_, .held = std::move(held)}, &world::concerns);
  }

  void append() {
    recorded_event e;
    e.position = head() + 1 + static_cast<position>(random_.below(3));
    e.stream = "s" + std::to_string(random_.below(5));
    e.version = ++versions_[e.stream];
    e.type = random_.one_in(5) ? "passed over" : "folded";
    if (random_.one_in(12)) poison_.insert(e.position);
    journal_.push_back(e);
  }

  std::vector<recorded_event> read(position after, std::size_t limit) const {
    std::vector<recorded_event> out;
    for (const auto& e : journal_) {
      if (e.position > after && out.size() < limit) out.push_back(e);
    }
    return out;
  }

  // What the view's transaction does: all or nothing. Answers the event that made it fail.
  const recorded_event* store(const batch_plan& plan, const std::vector<recorded_event>& batch) {
    auto rows = rows_;
    for (const auto i : plan.apply) {
      if (poison_.contains(batch[i].position)) return &batch[i];
      rows[batch[i].stream].push_back(batch[i].position);
    }
    rows_ = std::move(rows);
    stored_checkpoint_ = plan.checkpoint;
    for (const auto& e : plan.hold) stored_held_[e.position] = e;
    for (const auto p : plan.unhold) stored_held_.erase(p);
    return nullptr;
  }

  void follow() {
    // Sometimes it reads from further back than it has to, as after a lost answer.
    const auto after = std::max<position>(0, progress_->checkpoint() - static_cast<position>(random_.below(4)));
    const auto batch = read(after, 1 + random_.below(10));
    for (;;) {
      const auto plan = progress_->plan(after, batch).value();
      const auto* failed = store(plan, batch);
      if (!failed) {
        // A crash between the commit and its acknowledgement: the next life begins from what is stored.
        if (random_.one_in(20)) return crash();
        return told(progress_->committed(plan));
      }
      const auto why = random_.one_in(4) ? error{code::exhausted, "disk full"} : error{code::corrupt, "poison"};
      progress_->failed(*failed, why);
      if (random_.one_in(20)) return crash();
    }
  }

  void replay(const std::string& stream) {
    ++replays;
    std::vector<recorded_event> batch;
    const auto firsts = progress_->parked();
    const auto from = std::find_if(firsts.begin(), firsts.end(), [&](const auto& e) { return e.stream == stream; })->version;
    const auto limit = 1 + random_.below(4);
    for (const auto& e : journal_) {
      if (e.stream == stream && e.version >= from && batch.size() < limit) batch.push_back(e);
    }
    if (random_.one_in(3)) poison_.clear();
    const auto plan = progress_->plan_replay(stream, batch).value();
    if (const auto* failed = store(plan, batch)) {
      REQUIRE(progress_->failed(*failed, error{code::corrupt, "poison"}) == projection_progress::next::parked);
      return;
    }
    told(progress_->committed(plan));
  }

  void ask() {
    if (journal_.empty()) return;
    // Mostly about something new, which is what a client asks about.
    const auto back = random_.below(random_.one_in(4) ? journal_.size() : std::min<std::size_t>(journal_.size(), 3));
    const auto& e = journal_[journal_.size() - 1 - back];
    const auto ticket = ++last_ticket_;
    const auto stream = random_.one_in(2) ? e.stream : std::string{};
    asked_[ticket] = e;
    const auto answer = progress_->wait_for(ticket, e.position, now_, now_ + std::chrono::milliseconds{random_.below(60)}, stream).value();
    if (answer) told({{ticket, *answer}});
  }

  void told(const std::vector<fresh_queries::released>& released) {
    for (const auto& r : released) {
      const auto asked = asked_.find(r.query);
      REQUIRE(asked != asked_.end());
      const auto& e = asked->second;
      const auto& rows = rows_[e.stream];
      const bool applied = std::find(rows.begin(), rows.end(), e.position) != rows.end();
      switch (r.answer) {
        case freshness::fresh:
          ++fresh;
          REQUIRE(stored_checkpoint_ >= e.position);
          REQUIRE((applied || !concerns(e)));
          break;
        case freshness::parked:
          ++parked;
          REQUIRE_FALSE(applied);
          REQUIRE(progress_->is_parked(e.stream));
          break;
        case freshness::timeout:
          ++late;
          break;
      }
      asked_.erase(asked);
    }
  }

  void crash() {
    ++crashes;
    asked_.clear();                                      // the askers' connections are gone with the process
    start();
  }

  numbers random_;
  monotonic now_{};
  std::vector<recorded_event> journal_;
  std::map<std::string, version> versions_;
  std::set<position> poison_;
  std::map<std::string, std::vector<position>> rows_;    // the view: positions applied, per stream, in order of application
  position stored_checkpoint_ = 0;
  std::map<position, blocked_event> stored_held_;
  std::optional<projection_progress> progress_;
  std::map<fresh_queries::ticket, recorded_event> asked_;
  fresh_queries::ticket last_ticket_ = 0;
};

}  // namespace

TEST_CASE("whatever fails, every event is applied once and in its stream's order, and every query is answered truly") {
  int fresh = 0, late = 0, parked = 0, crashes = 0, replays = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    world w{seed};
    w.run();
    w.check();
    fresh += w.fresh;
    late += w.late;
    parked += w.parked;
    crashes += w.crashes;
    replays += w.replays;
  }
  // The runs went everywhere.
  CHECK(fresh > 5'000);
  CHECK(late > 500);
  CHECK(parked > 500);
  CHECK(crashes > 5'000);
  CHECK(replays > 500);
}
