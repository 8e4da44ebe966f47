// Scripts for the pure core. A line is `event => actions`; children are single letters in their order of start. Where a script has an
// equal in Erlang/OTP, the outcome is OTP's.
#include <banyan/supervision/strategy.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <sstream>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct middle final : random_source {
  std::uint64_t next() override { return 1ull << 63; }  // half of the range: a jittered wait has its nominal length
};

struct counting final : random_source {
  explicit counting(std::uint64_t seed) : state{seed} {}
  std::uint64_t next() override {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state ^ (state >> 31)) * 0x9e3779b97f4a7c15ull;
  }
  std::uint64_t below(std::uint64_t n) { return (next() >> 20) % n; }
  std::uint64_t state;
};

supervision_policy otp(restart r, std::optional<intensity> limit = {}) { return {.strategy = r, .backoff = no_backoff, .limit = limit}; }
supervision_policy patient(restart r) { return {.strategy = r}; }

// "a b:temporary c:transient d:0ms": the children of a script.
std::vector<child_policy> children_of(const std::string& text) {
  std::vector<child_policy> all;
  std::istringstream in{text};
  for (std::string word; in >> word;) {
    child_policy c{.name = word.substr(0, 1)};
    auto more = word.size() > 2 ? word.substr(2) : "";
    if (more == "temporary") c.type = restart_type::temporary;
    if (more == "transient") c.type = restart_type::transient;
    if (more == "0ms") c.shutdown = abandon_at_once;
    all.push_back(c);
  }
  return all;
}

class script {
 public:
  script(supervision_policy policy, const std::string& children) : strategy_{policy, children_of(children)} {
    for (auto& c : children_of(children)) names_ += c.name;
  }

  // Runs the lines and compares; the message of a failure is the line with what was answered.
  void play(const std::string& text) {
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
      line.erase(0, line.find_first_not_of(' '));
      if (line.empty()) continue;
      auto arrow = line.find(" =>");
      auto event = line.substr(0, arrow);
      auto got = event + " =>" + tell(event);
      CHECK(got == line);
      if (got != line) return;
    }
  }

 private:
  std::string tell(const std::string& event) {
    std::istringstream in{event};
    std::string verb, who;
    in >> verb >> who;
    moment at{now_, random_};
    auto child = names_.find(who);
    if (verb == "begin") return show(strategy_.begin({}, at));
    if (verb == "again") return show(strategy_.begin(std::vector<bool>(names_.size(), true), at));
    if (verb == "up") return show(strategy_.started(child, at));
    if (verb == "fails") return show(strategy_.exited(child, exit_reason::failed, at));
    if (verb == "quits") return show(strategy_.exited(child, exit_reason::normal, at));
    if (verb == "ended") return show(strategy_.ended(child, at));
    if (verb == "late") return show(strategy_.overdue(child, at));
    if (verb == "waited") return show(strategy_.wait_over(std::stoul(who), at));
    if (verb == "stop") return show(strategy_.shut_down(true, at));
    if (verb == "halt") return show(strategy_.shut_down(false, at));
    if (verb == "pass") {
      now_ += std::chrono::milliseconds{std::stoi(who)};
      return "";
    }
    if (verb == "boot") {
      std::string all = show(strategy_.begin({}, at));
      for (std::size_t i = 0; i < names_.size(); ++i) all += show(strategy_.started(i, at));
      return all;
    }
    return " no such event";
  }

  std::string show(const child_actions& actions) {
    static const char* const words[] = {"start", "halt", "stop", "abandon", "drop", "wait", "up", "escalate", "down"};
    std::string text;
    for (auto& a : actions) {
      text += std::string{" "} + words[a.what];
      if (a.what == child_action::wait)
        text += " " + std::to_string(a.child) + " " + std::to_string(a.time / 1ms) + "ms";
      else if (a.what < child_action::wait)
        text += std::string{" "} + names_[a.child];
    }
    return text;
  }

  strategy strategy_;
  std::string names_;
  monotonic now_{1h};
  middle random_;
};

}  // namespace

TEST_CASE("children start in order, each when the one before is up", "[strategy]") {
  script{otp(restart::one_for_one), "a b c"}.play(R"(
    begin => start a
    up a => start b
    up b => start c
    up c => up)");
}

TEST_CASE("a supervisor without children is up at once", "[strategy]") {
  script{otp(restart::one_for_one), ""}.play("begin => up\n stop => down");
}

TEST_CASE("one_for_one restarts the failed child alone", "[strategy]") {
  script{otp(restart::one_for_one), "a b c"}.play(R"(
    boot => start a start b start c up
    fails b => start b
    up b =>)");
}

TEST_CASE("one_for_all halts the others in reverse order and starts all in order", "[strategy]") {
  script{otp(restart::one_for_all), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails b => halt d
    ended d => halt c
    ended c => halt a
    ended a => start a
    up a => start b
    up b => start c
    up c => start d
    up d =>)");
}

TEST_CASE("rest_for_one takes along those that were started later", "[strategy]") {
  script{otp(restart::rest_for_one), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails b => halt d
    ended d => halt c
    ended c => start b
    up b => start c
    up c => start d
    up d =>
    fails d => start d
    up d =>
    fails a => halt d)");
}

TEST_CASE("a permanent child comes back also when it stopped by itself", "[strategy]") {
  script{otp(restart::one_for_one), "a"}.play("boot => start a up\n quits a => start a");
}

TEST_CASE("a transient child comes back only when it failed", "[strategy]") {
  script{otp(restart::one_for_one), "a:transient"}.play(R"(
    boot => start a up
    fails a => start a
    up a =>
    quits a => drop a)");
}

TEST_CASE("a temporary child never comes back", "[strategy]") {
  script{otp(restart::one_for_one), "a:temporary b:temporary"}.play(R"(
    boot => start a start b up
    fails a => drop a
    quits b => drop b)");
}

TEST_CASE("an end that does not bring a child back takes nobody along", "[strategy]") {
  script{otp(restart::one_for_all), "a b:transient c:temporary"}.play(R"(
    boot => start a start b start c up
    quits b => drop b
    fails c => drop c)");
}

TEST_CASE("a temporary sibling hit by one_for_all is halted and not started again", "[strategy]") {
  script{otp(restart::one_for_all), "a b:temporary c"}.play(R"(
    boot => start a start b start c up
    fails a => halt c
    ended c => halt b
    ended b => drop b start a
    up a => start c
    up c =>
    fails c => halt a
    ended a => start a)");
}

TEST_CASE("a transient child that had stopped is started again when all are", "[strategy]") {
  script{otp(restart::one_for_all), "a b:transient"}.play(R"(
    boot => start a start b up
    quits b => drop b
    fails a => start a
    up a => start b)");
}

TEST_CASE("OTP mode: the sixth restart in ten seconds is one too many", "[strategy]") {
  script{otp(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    up a =>
    fails b => start b
    up b =>
    fails a => start a
    up a =>
    fails a => start a
    up a =>
    fails b => start b
    up b =>
    fails a => halt b
    ended b => escalate)");
}

TEST_CASE("escalation halts the rest in reverse order, then says so, and nothing comes after", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 1, .within = 5s}), "a b c"}.play(R"(
    boot => start a start b start c up
    fails a => start a
    up a =>
    fails b => halt c
    fails a =>
    ended c => escalate
    fails c =>
    stop =>)");
}

TEST_CASE("restarts outside of the window are forgotten; one at its edge counts", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 1, .within = 5s}), "a"}.play(R"(
    boot => start a up
    fails a => start a
    up a =>
    pass 5001 =>
    fails a => start a
    up a =>
    pass 5000 =>
    fails a => escalate)");
}

TEST_CASE("an intensity of zero escalates at the first failure", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 0, .within = 5s}), "a b"}.play(R"(
    boot => start a start b up
    fails a => halt b
    ended b => escalate)");
}

TEST_CASE("ends that bring nobody back do not count", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 0, .within = 5s}), "a:temporary b:transient c"}.play(R"(
    boot => start a start b start c up
    fails a => drop a
    quits b => drop b)");
}

TEST_CASE("OTP mode: a child that can not start at first ends the supervisor, the started ones first", "[strategy]") {
  script{otp(restart::one_for_one), "a b c"}.play(R"(
    begin => start a
    up a => start b
    fails b => halt a
    ended a => escalate)");
}

TEST_CASE("OTP mode: a child that fails to start in a restart is tried again, and every try counts", "[strategy]") {
  script{otp(restart::one_for_one, intensity{.restarts = 3, .within = 5s}), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    fails a => start a
    fails a => start a
    fails a => halt b
    ended b => escalate)");
}

TEST_CASE("one_for_all: a child that fails to start again makes all start again", "[strategy]") {
  script{otp(restart::one_for_all), "a b c"}.play(R"(
    boot => start a start b start c up
    fails c => halt b
    ended b => halt a
    ended a => start a
    up a => start b
    fails b => halt a
    ended a => start a
    up a => start b
    up b => start c
    up c =>)");
}

TEST_CASE("rest_for_one: a child that fails to start again is begun from, not the first one that fell", "[strategy]") {
  script{otp(restart::rest_for_one), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails b => halt d
    ended d => halt c
    ended c => start b
    up b => start c
    fails c => start c
    up c => start d
    up d =>)");
}

TEST_CASE("a sibling that fails while a restart takes it along has no turn of its own", "[strategy]") {
  script{otp(restart::one_for_all, intensity{.restarts = 1, .within = 5s}), "a b c"}.play(R"(
    boot => start a start b start c up
    fails c => halt b
    fails a =>
    ended b => start a
    up a => start b
    up b => start c
    up c =>)");
}

TEST_CASE("a child that fails while it is being halted ends as ordered", "[strategy]") {
  script{otp(restart::one_for_all, intensity{.restarts = 1, .within = 5s}), "a b"}.play(R"(
    boot => start a start b up
    fails a => halt b
    fails b =>
    ended b => start a
    up a => start b
    up b =>)");
}

TEST_CASE("what fails during somebody else's restart waits for its turn", "[strategy]") {
  script{otp(restart::rest_for_one), "a b c d"}.play(R"(
    boot => start a start b start c start d up
    fails c => halt d
    fails b =>
    ended d => start c
    up c => start d
    up d => halt d
    ended d => halt c
    ended c => start b)");
}

TEST_CASE("a temporary child that falls while all restart is gone", "[strategy]") {
  script{otp(restart::one_for_all), "a b:temporary c"}.play(R"(
    boot => start a start b start c up
    fails a => halt c
    fails b => drop b
    ended c => start a
    up a => start c
    up c =>)");
}

TEST_CASE("back-off: at once, then 50 ms and doubling, each child on its own", "[strategy]") {
  script{patient(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    up a =>
    fails a => wait 1 50ms
    fails b => start b
    up b =>
    pass 50 =>
    waited 1 => start a
    fails a => wait 2 100ms
    pass 100 =>
    waited 2 => start a
    up a =>
    fails b => wait 3 50ms)");
}

TEST_CASE("back-off starts over after a quiet time", "[strategy]") {
  script{patient(restart::one_for_one), "a"}.play(R"(
    boot => start a up
    fails a => start a
    fails a => wait 1 50ms
    pass 50 =>
    waited 1 => start a
    up a =>
    pass 10000 =>
    fails a => start a)");
}

TEST_CASE("with back-off a child may fail for ever", "[strategy]") {
  strategy s{patient(restart::one_for_one), children_of("a")};
  middle random;
  monotonic now{1h};
  (void)s.begin({}, {now, random});
  for (int i = 0; i < 10'000; ++i) {
    auto todo = s.exited(0, exit_reason::failed, {now, random});
    REQUIRE(todo.size() == 1);
    if (todo[0].what == child_action::wait) {
      CHECK(todo[0].time <= 10s);
      now += todo[0].time;
      todo = s.wait_over(todo[0].child, {now, random});
      REQUIRE(todo.size() == 1);
    }
    REQUIRE(todo[0] == child_action{child_action::start, 0});
  }
}

TEST_CASE("with back-off, the first start waits for the child that can not start, and the later ones wait for it", "[strategy]") {
  script{patient(restart::one_for_all), "a b c:temporary"}.play(R"(
    begin => start a
    up a => start b
    fails b => start b
    fails b => wait 1 50ms
    waited 1 => start b
    up b => start c
    up c => up)");
}

TEST_CASE("back-off with an intensity gives up all the same", "[strategy]") {
  supervision_policy p = patient(restart::one_for_one);
  p.limit = intensity{.restarts = 1, .within = 1min};
  script{p, "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    fails a => halt b
    ended b => escalate)");
}

TEST_CASE("during a group's wait the failure of one outside of it takes the group over", "[strategy]") {
  script{patient(restart::rest_for_one), "a b c"}.play(R"(
    boot => start a start b start c up
    fails b => halt c
    ended c => start b
    up b => start c
    up c =>
    fails b => halt c
    ended c => wait 1 50ms
    fails a => start a
    up a => start b
    up b => start c
    up c =>
    waited 1 =>)");
}

TEST_CASE("a first start that is overtaken still ends in `up`", "[strategy]") {
  script{patient(restart::one_for_all), "a b c:temporary"}.play(R"(
    begin => start a
    up a => start b
    fails b => start b
    fails b => wait 1 50ms
    fails a => start a
    up a => start b
    up b => start c
    up c => up
    waited 1 =>)");
}

TEST_CASE("an ordered end stops in reverse order, one after the other", "[strategy]") {
  script{patient(restart::one_for_one), "a b c"}.play(R"(
    boot => start a start b start c up
    stop => stop c
    ended c => stop b
    fails a =>
    ended b => down)");
}

TEST_CASE("a halt for the supervisor's own restart keeps the children's places", "[strategy]") {
  script{patient(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    halt => halt b
    ended b => halt a
    ended a => down)");
}

TEST_CASE("an order to end in the middle of a start stops also what is starting", "[strategy]") {
  script{patient(restart::one_for_one), "a b c"}.play(R"(
    begin => start a
    up a => start b
    stop => stop b
    up b =>
    ended b => stop a
    ended a => down)");
}

TEST_CASE("an order to end in the middle of a restart waits for what is being halted", "[strategy]") {
  script{patient(restart::one_for_all), "a b c"}.play(R"(
    boot => start a start b start c up
    fails a => halt c
    stop =>
    ended c => stop b
    ended b => down)");
}

TEST_CASE("an order to end during a back-off forgets the wait", "[strategy]") {
  script{patient(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    fails a => start a
    fails a => wait 1 50ms
    stop => stop b
    waited 1 =>
    ended b => down
    waited 1 =>)");
}

TEST_CASE("a child that is not done in its time is abandoned, and the others go on", "[strategy]") {
  script{otp(restart::one_for_all), "a b c"}.play(R"(
    boot => start a start b start c up
    fails a => halt c
    late c => abandon c halt b
    late c =>
    ended b => start a
    up a => start b
    up b => start c)");
}

TEST_CASE("a child that is given no time is abandoned at once", "[strategy]") {
  script{otp(restart::one_for_all), "a b:0ms c:0ms"}.play(R"(
    boot => start a start b start c up
    fails a => abandon c abandon b start a
    up a => start b
    up b => start c
    up c =>
    stop => abandon c abandon b stop a
    ended a => down)");
}

TEST_CASE("a child that somebody else ended counts as one that stopped by itself", "[strategy]") {
  script{otp(restart::one_for_one), "a b:transient"}.play(R"(
    boot => start a start b up
    ended a => start a
    up a =>
    ended b => drop b)");
}

TEST_CASE("a supervisor that was restarted itself halts what still runs, then starts all", "[strategy]") {
  script{otp(restart::one_for_one), "a b c:temporary"}.play(R"(
    again => halt c
    ended c => drop c halt b
    fails a =>
    ended b => start a
    up a => start b
    up b => up)");
}

TEST_CASE("news that comes twice or too late changes nothing", "[strategy]") {
  script{otp(restart::one_for_one), "a b"}.play(R"(
    boot => start a start b up
    up a =>
    late a =>
    fails a => start a
    fails b =>
    up a => start b
    up a =>
    up b =>
    waited 7 =>)");
}

TEST_CASE("names, times and counts are checked before anything starts", "[strategy]") {
  CHECK(check({}, children_of("a b c")).empty());
  supervision_policy bad;
  bad.backoff = backoff_policy{.first = -1s, .min = 2s, .max = 1s, .jitter = 1.5};
  bad.limit = intensity{.restarts = -1, .within = 0s};
  auto wrong = check(bad, {{.name = "a"}, {.name = "a"}, {}, {.name = "b", .shutdown = -1s}});
  CHECK(wrong.size() == 8);
}

TEST_CASE("whatever happens, one thing is done at a time and everything comes back", "[strategy][property]") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    counting random{seed};
    auto policy = patient(static_cast<restart>(random.below(3)));
    if (random.below(4) == 0) policy.backoff = no_backoff, policy.limit = intensity{.restarts = 1'000'000, .within = 1s};
    const std::size_t n = 1 + random.below(6);
    std::vector<child_policy> specs;
    for (std::size_t i = 0; i < n; ++i)
      specs.push_back({std::string(1, static_cast<char>('a' + i)), static_cast<restart_type>(random.below(5) == 0 ? random.below(3) : 0), 5s});
    strategy s{policy, specs};
    monotonic now{1h};

    enum class life { none, starting, up, ending };
    std::vector<life> lives(n, life::none);
    std::vector<std::size_t> waits;
    bool was_up = false, is_down = false;
    auto busy = [&] { return std::count_if(lives.begin(), lives.end(), [](life l) { return l == life::starting || l == life::ending; }); };
    auto carry_out = [&](const child_actions& actions) {
      for (auto& a : actions) {
        REQUIRE_FALSE(is_down);
        switch (a.what) {
          case child_action::start:
            REQUIRE(lives[a.child] == life::none);
            lives[a.child] = life::starting;
            break;
          case child_action::halt:
          case child_action::stop:
            REQUIRE((lives[a.child] == life::up || lives[a.child] == life::starting));
            for (std::size_t later = a.child + 1; later < n && a.what == child_action::stop; ++later) REQUIRE(lives[later] == life::none);
            lives[a.child] = life::ending;
            break;
          case child_action::abandon: lives[a.child] = life::none; break;
          case child_action::drop: REQUIRE(lives[a.child] == life::none); break;
          case child_action::wait: waits.push_back(a.child); break;
          case child_action::up:
            REQUIRE_FALSE(was_up);
            was_up = true;
            break;
          case child_action::escalate: FAIL("nothing was to escalate"); break;
          case child_action::down: is_down = true; break;
        }
        REQUIRE(busy() <= 1);
      }
    };
    auto answer_all = [&] {
      for (bool more = true; more;) {
        more = false;
        for (std::size_t i = 0; i < n; ++i) {
          if (lives[i] == life::starting) {
            lives[i] = life::up;
            carry_out(s.started(i, {now, random}));
            more = true;
          } else if (lives[i] == life::ending) {
            lives[i] = life::none;
            carry_out(s.ended(i, {now, random}));
            more = true;
          }
        }
        for (auto w : std::exchange(waits, {})) {
          now += 10s;
          carry_out(s.wait_over(w, {now, random}));
          more = true;
        }
      }
    };

    carry_out(s.begin({}, {now, random}));
    const bool may_fail_first = policy.backoff.has_value();
    if (!may_fail_first) answer_all();
    for (int step = 0; step < 80; ++step) {
      now += nanoseconds{random.below(200'000'000)};
      auto i = random.below(n);
      switch (random.below(6)) {
        case 0:
          if (lives[i] == life::up || lives[i] == life::starting) {
            lives[i] = life::none;
            carry_out(s.exited(i, random.below(4) ? exit_reason::failed : exit_reason::normal, {now, random}));
          }
          break;
        case 1:
          if (lives[i] == life::ending && random.below(3) == 0) carry_out(s.overdue(i, {now, random}));
          break;
        case 2:
          if (!waits.empty()) {
            auto w = waits.back();
            waits.pop_back();
            carry_out(s.wait_over(w, {now, random}));
          }
          break;
        default:
          if (lives[i] == life::starting) {
            lives[i] = life::up;
            carry_out(s.started(i, {now, random}));
          } else if (lives[i] == life::ending) {
            lives[i] = life::none;
            carry_out(s.ended(i, {now, random}));
          }
      }
    }
    answer_all();
    REQUIRE(was_up);
    for (std::size_t i = 0; i < n; ++i)
      if (specs[i].type == restart_type::permanent) REQUIRE(lives[i] == life::up);
    carry_out(s.shut_down(true, {now, random}));
    answer_all();
    REQUIRE(is_down);
    for (auto l : lives) REQUIRE(l == life::none);
  }
}
