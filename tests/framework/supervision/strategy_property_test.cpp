#include <tests/framework/supervision/strategy_script.hpp>

#include <algorithm>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

TEST_CASE("whatever happens and is asked, one thing is done at a time, everything comes back and everyone is answered",
          "[strategy][property]") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    counting random{seed};
    auto policy = patient(static_cast<restart>(random.below(3)));
    if (random.below(4) == 0) policy.backoff = no_backoff, policy.limit = intensity{.restarts = 1'000'000, .within = 1s};
    const std::size_t n = 1 + random.below(6);
    std::vector<child_policy> specs;
    for (std::size_t i = 0; i < n; ++i)
      specs.push_back(
          {std::string(1, static_cast<char>('a' + i)), static_cast<restart_type>(random.below(5) == 0 ? random.below(3) : 0), 5s});
    strategy s{policy, specs};
    monotonic now{1h};

    enum class life { none, starting, up, ending };
    std::vector<life> lives(n, life::none);
    std::vector<std::size_t> waits;
    bool was_up = false, is_closing = false, is_down = false;
    std::size_t asked = 0, answered = 0;
    auto busy = [&] { return std::count_if(lives.begin(), lives.end(), [](life l) { return l == life::starting || l == life::ending; }); };
    auto carry_out = [&](const child_actions& actions) {
      for (auto& a : actions) {
        REQUIRE_FALSE(is_down);
        switch (a.kind) {
          case child_action::start:
            REQUIRE(lives[a.child] == life::none);
            lives[a.child] = life::starting;
            break;
          case child_action::suspend:
          case child_action::stop:
            REQUIRE((lives[a.child] == life::up || lives[a.child] == life::starting));
            for (std::size_t later = a.child + 1; later < n && is_closing; ++later) REQUIRE(lives[later] == life::none);
            lives[a.child] = life::ending;
            break;
          case child_action::abandon:
            lives[a.child] = life::none;
            break;
          case child_action::drop:
            REQUIRE(lives[a.child] == life::none);
            break;
          case child_action::wait:
            waits.push_back(a.child);
            break;
          case child_action::up:
            REQUIRE_FALSE(was_up);
            was_up = true;
            break;
          case child_action::answer:
            ++answered;
            break;
          case child_action::escalate:
          case child_action::auto_shutdown:
            FAIL("nothing was to end by itself");
            break;
          case child_action::down:
            is_down = true;
            break;
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
      switch (random.below(7)) {
        case 6:
          if (random.below(2)) break;
          carry_out(random.below(2) ? s.terminate(++asked, specs[i].name, {now, random})
                                    : s.restart(++asked, specs[i].name, {now, random}));
          break;
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
    REQUIRE(answered == asked);
    for (auto& spec : specs) carry_out(s.restart(++asked, spec.name, {now, random}));  // those that were terminated
    answer_all();
    REQUIRE(answered == asked);
    for (std::size_t i = 0; i < n; ++i)
      if (specs[i].type == restart_type::permanent) REQUIRE(lives[i] == life::up);
    is_closing = true;
    carry_out(s.shut_down(true, {now, random}));
    answer_all();
    REQUIRE(is_down);
    for (auto l : lives) REQUIRE(l == life::none);
  }
}
