// Actors that throw when they should leave: they leave all the same, everybody is answered, and nobody restarts them by mistake.
#include <tests/framework/actor/stepped.hpp>

#include <banyan/actor/control.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct hello {
  using reply = int;
};
struct explode {
  using reply = done;
};

enum class flaw { in_stopping, in_asked_to_end, while_ending, none };

struct leaver : actor {
  leaver(flaw f, int* starts) : flaw_{f}, starts_{starts} {}
  void started() override { ++*starts_; }
  void stopping() override {
    if (flaw_ == flaw::in_stopping) throw std::runtime_error{"no farewell"};
  }
  void asked_to_end(ending) override {
    if (flaw_ == flaw::in_asked_to_end) throw 42;
    if (flaw_ != flaw::while_ending || *starts_ > 1) self().end();  // otherwise it takes its time, and a message comes meanwhile
  }
  behavior make_behavior() override {
    return behavior{}
        .on<hello>([this](const hello&) { return *starts_; })
        .on<explode>([](const explode&) { throw std::runtime_error{"boom"}; });
  }
  flaw flaw_;
  int* starts_;
};

// Writes down what its child tells.
struct parent : actor {
  parent(flaw f, int* starts, std::vector<std::string>* told, address* child) : flaw_{f}, starts_{starts}, told_{told}, child_{child} {}
  void started() override {
    *child_ = self().spawn([f = flaw_, s = starts_] { return std::make_unique<leaver>(f, s); }, {.supervisor = self().me()});
  }
  behavior make_behavior() override {
    return behavior{}
        .on<child_started>([this](const child_started&) { told_->push_back("started"); })
        .on<child_failed>([this](const child_failed&) { told_->push_back("failed"); })
        .on<child_suspended>([this](const child_suspended&) { told_->push_back("suspended"); })
        .on<child_stopped>([this](const child_stopped& s) { told_->push_back(s.gone ? "gone" : "stopped"); });
  }
  flaw flaw_;
  int* starts_;
  std::vector<std::string>* told_;
  address* child_;
};

using news = std::vector<std::string>;

}  // namespace

TEST_CASE("an actor that throws as it leaves has left: whoever waits is told, and what is sent is answered", "[end]") {
  const auto f = GENERATE(flaw::in_stopping, flaw::in_asked_to_end, flaw::while_ending);
  test::stepped s;
  int starts = 0;
  auto a = s.system.spawn([&] { return std::make_unique<leaver>(f, &starts); });
  CHECK(**s.ask(a, hello{}) == 1);
  int stopped = 0;
  stop_actor(a, [&](result<done> r) { stopped += r.has_value(); });
  s.run();
  if (f == flaw::while_ending) {
    CHECK(**s.ask(a, hello{}) == 1);
    CHECK(stopped == 0);
    CHECK(s.ask(a, explode{})->error().code == code::internal);
  }
  CHECK(stopped == 1);
  CHECK(s.ask(a, hello{})->error().code == code::unavailable);
  s.advance(1min);
  CHECK(starts == 1);
}

TEST_CASE("a supervised actor that throws as it is ended has ended, not failed; when suspended it starts again", "[end]") {
  const auto f = GENERATE(flaw::in_stopping, flaw::in_asked_to_end, flaw::while_ending, flaw::none);
  const bool for_good = GENERATE(true, false);
  CAPTURE(static_cast<int>(f), for_good);
  test::stepped s;
  int starts = 0;
  news told;
  address child;
  s.system.spawn([&] { return std::make_unique<parent>(f, &starts, &told, &child); });
  s.run();
  if (for_good)
    stop_actor(child);
  else
    suspend_actor(child);
  s.run();
  if (f == flaw::while_ending) s.ask(child, explode{});
  CHECK(told == (for_good ? news{"started", "gone"} : news{"started", "suspended"}));
  if (for_good) return;
  auto waits = s.ask(child, hello{});
  CHECK_FALSE(waits.is_there());
  restart_actor(child);
  s.run();
  CHECK(**waits == 2);
  CHECK(told == news{"started", "suspended", "started"});
}

TEST_CASE("children of a crashed actor that take their time to end do not hold up its restart", "[end]") {
  test::stepped s;
  int starts = 0;
  news told;
  address child;
  auto a = s.system.spawn([&] { return std::make_unique<parent>(flaw::while_ending, &starts, &told, &child); });
  s.run();
  const auto first = child;
  post_work(a, [](actor_host&) { throw std::runtime_error{"crash"}; });
  s.run();
  CHECK(s.system.counters().restarts == 1);
  CHECK(child != first);
  CHECK(**s.ask(child, hello{}) == 2);
  s.ask(first, explode{});  // lets the first child end
  CHECK(s.ask(first, hello{})->error().code == code::unavailable);
}
