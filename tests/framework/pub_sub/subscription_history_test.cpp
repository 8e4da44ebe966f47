// A subscription whose journal is replaced by an older copy: what was done can not be undone, so it waits for an operator.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/pub_sub/subscription_world.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

using origin = subscription_start::origin;

struct history_world : subscription_world {
  explicit history_world(memory_view_disk& d) : history_world{open_memory_delivery_store(d, numbers).value()} {}
  explicit history_world(std::unique_ptr<delivery_store> s) : subscription_world{*s}, owned{std::move(s)} {}

  task<result<done>> handle(actor_host& host, const recorded_event& e) override {
    began.push_back(e.stream + ":" + e.payload);
    if (e.payload == "wait") co_await host.sleep(1h);
    if (e.payload == "throw" && !is_mended) throw std::runtime_error{"no luck"};
    co_return done{};
  }
  void start() {
    who = s.system.spawn(factory(), {.name = "subscription"});
    s.run();
  }
  void restart() {
    suspend_actor(who);
    s.run();
    restart_actor(who);
    s.advance(1s);
  }
  // Once it is reset the subscription ends, and its supervisor, which is the test here, starts it anew.
  result<position> reset(subscription_start from) {
    auto answer = s.ask(who, reset_subscription{from}, 1min);
    s.advance(1s);
    if (answer->has_value()) {
      start();
      s.advance(1s);
    }
    return *answer;
  }
  // Stops the subscription, and puts the journal back to `kept`.
  void restore(position kept) {
    suspend_actor(who);
    s.run();
    journal.lose_tail(kept);
  }
  void go_on() {
    restart_actor(who);
    s.advance(1s);
  }
  result<delivered_again> replay(replay_dead_letter which) {
    auto answer = s.ask(who, std::move(which), 1min);
    s.advance(1s);
    return *answer;
  }

  bool is_mended = false;
  std::unique_ptr<delivery_store> owned;
  address who;
  captured_log log{log_level::warning};
  stepped s;
};

}  // namespace

TEST_CASE("a checkpoint that the journal does not have is refused, said, and nothing is handled", "[subscription]") {
  memory_view_disk disk;
  history_world w{disk};
  for (auto* payload : {"1", "2", "3", "4"}) w.append("a", payload);
  w.start();
  REQUIRE(w.progress->checkpoint == 4);
  w.restore(2);
  const bool grown = GENERATE(false, true);
  if (grown)  // the position is there again, with another event
    for (auto* payload : {"5", "6", "7"}) w.append("a", payload);
  w.began.clear();
  w.go_on();
  w.append("a", "8");
  w.s.advance(1min);
  CHECK(w.began.empty());
  REQUIRE(w.progress->refusal());
  CHECK(w.progress->refusal()->find("position 4, is of another history of the journal") != std::string::npos);
  CHECK(w.log.has("the subscription handles nothing until an operator resets it"));
  CHECK(w.s.system.counters().crashes == 0);
  w.restart();
  CHECK(w.began.empty());
  CHECK(w.progress->refusal());
}

TEST_CASE("an operator says from where it goes on, and then it does", "[subscription]") {
  struct row {
    subscription_start from;
    position begins;
    world::handled handled;
  };
  const auto r = GENERATE(row{{origin::now}, 3, {"a:9"}}, row{{origin::start}, 0, {"a:1", "a:2", "a:5", "a:9"}},
                          row{{origin::position, 2}, 2, {"a:5", "a:9"}});
  memory_view_disk disk;
  history_world w{disk};
  for (auto* payload : {"1", "2", "3", "4"}) w.append("a", payload);
  w.start();
  w.restore(2);
  w.append("a", "5");
  w.began.clear();
  w.go_on();
  REQUIRE(w.progress->refusal());
  for (const position wrong : {-1, 4}) CHECK(w.reset({origin::position, wrong}).error().code == code::invalid_argument);
  REQUIRE(w.progress->refusal());
  CHECK(w.reset(r.from).value() == r.begins);
  w.append("a", "9");
  w.s.advance(1s);
  CHECK_FALSE(w.progress->refusal());
  CHECK(w.began == r.handled);
  CHECK(w.progress->checkpoint == 4);
  w.restart();
  CHECK(w.began == r.handled);
}

TEST_CASE("one that runs can be reset as well, also in the middle of something", "[subscription]") {
  memory_view_disk disk;
  history_world w{disk};
  for (auto* payload : {"1", "2"}) w.append("a", payload);
  w.append("b", "wait");
  w.append("c", "throw");
  w.start();
  w.s.advance(1min);
  CHECK(w.dead_letters().size() == 1);
  w.began.clear();
  CHECK(w.reset({origin::now}).value() == 4);
  w.append("a", "3");
  w.s.advance(1s);
  CHECK(w.began == world::handled{"a:3"});
  CHECK(w.progress->checkpoint == 5);
  CHECK(w.dead_letters().size() == 1);
  CHECK(w.reset({origin::position, 1}).value() == 1);
  CHECK(std::count(w.began.begin(), w.began.end(), "a:2") == 1);
  CHECK(std::count(w.began.begin(), w.began.end(), "a:1") == 0);
}

TEST_CASE("what is counted of an event is not held against another one that has its position now", "[subscription]") {
  memory_view_disk disk;
  history_world w{disk};
  w.spec.max_crashes = 2;
  w.append("a", "1");
  w.start();
  REQUIRE(w.progress->checkpoint == 1);
  w.spec.retry.min = w.spec.retry.first = w.spec.retry.max = 1h;  // after the first crash it waits
  w.append("a", "throw");
  w.s.advance(1s);
  REQUIRE(w.progress->checkpoint == 1);
  const bool another = GENERATE(true, false);
  if (another) {
    w.restore(1);
    w.append("b", "throw");
  } else {
    suspend_actor(w.who);
    w.s.run();
  }
  // A new process: nothing is known but what is stored.
  w.progress = std::make_shared<subscription_progress>();
  w.go_on();
  CHECK(w.progress->poison == (another ? 0 : 1));
  CHECK_FALSE(w.progress->refusal());
}

TEST_CASE("what is given up at a position that a lost event had is another letter, and that of the lost one is not delivered again", "[subscription]") {
  memory_view_disk disk;
  history_world w{disk};
  w.spec.max_crashes = 1;
  w.spec.handle_within = 2h;
  w.append("a", "1");
  w.start();
  const bool lies_beyond_the_checkpoint = GENERATE(false, true);
  if (lies_beyond_the_checkpoint) {
    w.append("b", "wait");
    w.s.run();
  }
  const position at = lies_beyond_the_checkpoint ? 3 : 2;
  w.append("c", "throw");
  w.s.advance(1s);
  REQUIRE(w.dead_letters().size() == 1);
  REQUIRE(w.progress->checkpoint == (lies_beyond_the_checkpoint ? 1 : 2));
  const auto lost = w.letters(at).at(0);

  w.restore(at - 1);
  w.progress = std::make_shared<subscription_progress>();
  w.go_on();
  CHECK(w.progress->refusal().has_value() != lies_beyond_the_checkpoint);
  if (w.progress->refusal()) REQUIRE(w.reset({origin::now}).value() == at - 1);
  // The journal ends before it.
  w.began.clear();
  CHECK(w.replay({at}).error().code == code::conflict);
  CHECK(w.replay({at}).error().reason == "another_event");

  w.append("d", "throw");
  w.s.advance(2h);
  REQUIRE(w.letters(at).size() == 2);
  CHECK(w.progress->dead_letters().count == 2);
  CHECK(w.progress->checkpoint == at);
  const auto letters = w.letters(at);
  const auto& other = letters[0] == lost ? letters[1] : letters[0];
  CHECK(other.stream == "d");
  CHECK(w.replay({at, lost.event}).error().code == code::conflict);
  CHECK(w.replay({at, lost.event}).error().message.find("has another event at position") != std::string::npos);
  CHECK(w.replay({at, "no id"}).error().code == code::not_found);
  CHECK(std::count(w.began.begin(), w.began.end(), "d:throw") == 1);
  CHECK(w.letters(at).size() == 2);

  // Of both, the one that the journal has.
  w.is_mended = true;
  CHECK(w.replay({at}).value() == delivered_again{2});
  CHECK(w.letters(at) == std::vector<dead_letter>{lost});
  CHECK(w.replay({at}).error().code == code::conflict);
  CHECK(w.letters(at) == std::vector<dead_letter>{lost});
}
