// A projection that is restarted at any moment, on stores that fail and lose answers, with events that can not be applied for a while: in
// the end every event is in the view once, each stream's in order.
#include <tests/framework/cqrs/numbers_view.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

class world {
 public:
  explicit world(std::uint64_t seed) : random_{seed}, view_{static_cast<int>(1 + random_.below(6))} {}

  void run() {
    for (int i = 0; i < 400; ++i) something();
    view_.mended = true;
    view_.settle(60s);  // pauses end, restarts are over
    for (int i = 0; i < 5; ++i) replay("numbers-" + std::to_string(i));
    view_.settle(60s);
  }

  void check() {
    std::map<std::string, std::vector<position>> applied;
    for (auto& r : view_.rows()) applied[r.first].push_back(r.second);
    REQUIRE(applied == written_);
    REQUIRE(view_.held().empty());
    REQUIRE(view_.progress->parked == 0);
    REQUIRE(view_.progress->applied == last_);
    for (auto& a : asked_) REQUIRE(a.is_there());
  }

  int restarts = 0, parked = 0, held_queries = 0;

 private:
  void something() {
    switch (random_.below(18)) {
      case 0:
      case 1:
      case 2:
        append();
        break;
      case 3:
        view_.s.advance(std::chrono::milliseconds{random_.below(80)});
        break;
      case 4:
        if (random_.below(3) == 0) fault();
        break;
      case 5:
        if (random_.below(3) == 0) ++restarts, view_.restart();
        break;
      case 6:
        if (random_.below(4) == 0) view_.mended = !view_.mended;
        break;
      case 7:
        replay("numbers-" + std::to_string(random_.below(5)));
        break;
      case 8:
      case 9:
        ask();
        break;
      case 10:
      case 11:
      case 12:
        view_.store->step();
        break;
      case 13:
      case 14:
        view_.journal.step();
        break;
      default:
        view_.s.run();
    }
    if (view_.progress->parked > 0) ++parked;
  }
  void append() {
    const auto stream = "numbers-" + std::to_string(random_.below(5));
    static const std::string payloads[] = {"1", "1", "1", "1", "1", "1", "?", "!"};
    last_ = view_.append(stream, payloads[random_.below(8)]);
    written_[stream].push_back(last_);
  }
  void fault() {
    switch (random_.below(4)) {
      case 0:
        view_.store->fail_writes({code::exhausted, "the disk is full"}, static_cast<int>(1 + random_.below(4)));
        break;
      case 1:
        view_.store->fail_writes({code::internal, "a defect of the store"});
        break;
      case 2:
        view_.store->lose_answers();
        break;
      default:
        view_.surroundings_fail = static_cast<int>(1 + random_.below(5));
    }
  }
  void replay(const std::string& stream) { view_.s.ask(view_.projection, replay_parked{stream}, 1min); }
  void ask() {
    if (last_ == 0) return;
    const auto back = static_cast<position>(random_.below(static_cast<std::uint64_t>(std::min<position>(last_, 4))));
    stepped::answer_slot<freshness> slot;
    asked_.push_back(slot);
    view_.s.system.ask(view_.projection, projection_actor::await_position{last_ - back}, 1s,
                       [this, at = last_ - back, told = slot.slot()](result<freshness> r) mutable {
                         if (r && *r == freshness::fresh) REQUIRE(view_.has(at));
                         if (r && *r == freshness::parked) ++held_queries;
                         told(std::move(r));
                       });
  }

  counting_random random_;
  numbers_view view_;
  std::map<std::string, std::vector<position>> written_;
  std::vector<stepped::answer_slot<freshness>> asked_;
  position last_ = 0;
};

}  // namespace

TEST_CASE("whatever fails and whenever it is restarted, a projection applies every event once, in its stream's order") {
  int restarts = 0, parked = 0, held_queries = 0;
  auto* given = std::getenv("BANYAN_SEEDS");
  const auto seeds = given ? std::atoi(given) : 300;
  for (int seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    world w{static_cast<std::uint64_t>(seed)};
    w.run();
    w.check();
    restarts += w.restarts;
    parked += w.parked;
    held_queries += w.held_queries;
  }
  // The runs went everywhere.
  CHECK(restarts > 3 * seeds);
  CHECK(parked > 3 * seeds);
  CHECK(held_queries > seeds / 5);
}
