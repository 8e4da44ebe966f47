#include <banyan/ambassador/outlier_detector.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>
#include <tests/framework/ambassador/virtual_time.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {


struct fleet {
  explicit fleet(int n, outlier_options options = {}) : detector{options, start} {
    for (int i = 0; i < n; ++i) all.push_back(std::make_shared<outlier_record>("node-" + std::to_string(i)));
    detector.set_members(all, start);
  }
  void good(int i, monotonic now, nanoseconds latency = 10ms) {
    detector.record(at(i), attempt_result::success, latency, now);
  }
  void bad(int i, monotonic now) { detector.record(at(i), attempt_result::failure, 10ms, now); }
  outlier_record& at(int i) { return *all[static_cast<std::size_t>(i)]; }
  bool is_out(int i, monotonic now) { return at(i).is_ejected(now); }
  int out(monotonic now) const {
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const auto& r) { return r->is_ejected(now); }));
  }
  outlier_state state(int i, monotonic now) { return detector.states(now)[static_cast<std::size_t>(i)]; }

  outlier_detector::records all;
  outlier_detector detector;
};

}  // namespace

TEST_CASE("five failures in a row eject an endpoint at once, for 30 s") {
  fleet f{4};
  for (int i = 0; i < 4; ++i) f.bad(0, start);
  CHECK_FALSE(f.is_out(0, start));
  f.bad(0, start);
  CHECK(f.is_out(0, start));
  CHECK(f.is_out(0, start + 30s - 1ns));
  CHECK_FALSE(f.is_out(0, start + 30s));
  CHECK(f.state(0, start + 10s).remaining == 20s);
  CHECK(f.state(0, start).cause == ejection_cause::consecutive_failures);
  CHECK(f.detector.ejections() == 1);
}

TEST_CASE("a success in between starts the row anew, and an ignored result changes nothing") {
  fleet f{4};
  for (int i = 0; i < 100; ++i) {
    if (i % 5 == 4)
      f.good(0, start);
    else
      f.bad(0, start);
  }
  CHECK(f.out(start) == 0);
  for (int i = 0; i < 100; ++i) f.detector.record(f.at(1), attempt_result::ignored, 0ns, start);
  CHECK(f.out(start) == 0);
}

TEST_CASE("each further ejection lasts longer, up to a limit, and clean intervals make the next one shorter") {
  fleet f{2};
  auto now = start;
  const auto eject = [&] {
    for (int i = 0; i < 5; ++i) f.bad(0, now);
    return f.state(0, now).remaining;
  };
  for (int n = 1; n <= 12; ++n) {
    const auto length = eject();
    CHECK(length == std::min<nanoseconds>(n * 30s, 300s));
    now += length;
  }
  CHECK(f.state(0, now).times == 12);
  // The interval in which the ejection ended is not a clean one.
  f.detector.evaluate(now);
  CHECK(f.state(0, now).times == 12);
  for (int n = 11; n >= 0; --n) {
    now += 10s;
    f.good(0, now);
    CHECK(f.state(0, now).times == n);
  }
  now += 10s;
  f.good(0, now);
  CHECK(f.state(0, now).times == 0);
  CHECK(eject() == 30s);
}

TEST_CASE("an endpoint whose success rate is far below the others' is ejected at the interval's end") {
  fleet f{8};
  for (int call = 0; call < 200; ++call)
    for (int e = 0; e < 8; ++e) e == 3 && call % 2 == 0 ? f.bad(e, start + 1s) : f.good(e, start + 1s);
  CHECK(f.out(start + 1s) == 0);
  f.detector.evaluate(start + 10s);
  CHECK(f.is_out(3, start + 10s));
  CHECK(f.out(start + 10s) == 1);
  CHECK(f.state(3, start + 10s).cause == ejection_cause::success_rate);
  CHECK(f.state(3, start + 10s).success_rate == Approx(0.5));
}

TEST_CASE("an endpoint that fails a little more often than the others is not ejected") {
  fleet f{8};
  for (int call = 0; call < 200; ++call)
    for (int e = 0; e < 8; ++e) e == 3 && call % 30 == 0 ? f.bad(e, start + 1s) : f.good(e, start + 1s);
  f.detector.evaluate(start + 10s);
  CHECK(f.out(start + 10s) == 0);
}

TEST_CASE("where all fail alike none is ejected for its success rate") {
  fleet f{8, {.consecutive = 0, .failure_share = 0}};
  for (int call = 0; call < 200; ++call)
    for (int e = 0; e < 8; ++e) call % 3 != 0 ? f.bad(e, start + 1s) : f.good(e, start + 1s);
  f.detector.evaluate(start + 10s);
  CHECK(f.out(start + 10s) == 0);
}

TEST_CASE("an endpoint that mostly fails is ejected, however few endpoints there are") {
  fleet f{2, {.consecutive = 0}};
  for (int call = 0; call < 100; ++call) {
    call % 10 == 0 ? f.good(1, start + 1s) : f.bad(1, start + 1s);
    f.good(0, start + 1s);
  }
  f.detector.evaluate(start + 10s);
  CHECK(f.is_out(1, start + 10s));
  CHECK(f.state(1, start + 10s).cause == ejection_cause::failure_share);
}

TEST_CASE("one slow endpoint of two, of eight and of a hundred is ejected") {
  for (const int n : {2, 3, 8, 100}) {
    fleet f{n};
    for (int call = 0; call < 30; ++call)
      for (int e = 0; e < n; ++e) f.good(e, start + 1s, e == 1 ? 200ms : 10ms + e * 100us);
    f.detector.evaluate(start + 10s);
    INFO(n);
    CHECK(f.is_out(1, start + 10s));
    CHECK(f.out(start + 10s) == 1);
    CHECK(f.state(1, start + 10s).cause == ejection_cause::latency);
    CHECK(f.state(1, start + 10s).median_latency > 190ms);
  }
}

TEST_CASE("endpoints that are all slow, or slower by little, or seen too rarely, are not ejected for it") {
  fleet all_slow{8}, little{8}, rare{8};
  for (int call = 0; call < 30; ++call)
    for (int e = 0; e < 8; ++e) {
      all_slow.good(e, start + 1s, 3s);
      little.good(e, start + 1s, e == 1 ? 4ms : 100us);
      if (call < 19 || e != 1) rare.good(e, start + 1s, e == 1 ? 1s : 10ms);
    }
  for (auto* f : {&all_slow, &little, &rare}) {
    f->detector.evaluate(start + 10s);
    CHECK(f->out(start + 10s) == 0);
  }
}

TEST_CASE("never more than half are ejected: none of one, one of three") {
  struct row {
    int members, failing, most;
  };
  for (const auto [n, failing, most] : {row{1, 1, 0}, {2, 1, 1}, {3, 2, 1}, {8, 5, 4}, {100, 58, 50}}) {
    fleet f{n};
    for (int i = 0; i < 40; ++i)
      for (int e = 0; e < n; ++e) e < failing ? f.bad(e, start) : f.good(e, start);
    INFO(n);
    CHECK(f.out(start) == most);
  }
}

TEST_CASE("failures that all share eject none, at once or at the interval's end") {
  for (const int period : {1, 2, 10}) {  // every call succeeds that is a multiple of it, from 2 on
    fleet f{8};
    for (int call = 0; call < 500; ++call)
      for (int e = 0; e < 8; ++e) {
        const bool works = period > 1 && (call + e * 3) % period == 0;
        works ? f.good(e, start + 1s) : f.bad(e, start + 1s);
      }
    INFO(period);
    CHECK(f.out(start + 1s) == 0);
    f.detector.evaluate(start + 10s);
    CHECK(f.out(start + 10s) == 0);
  }
  fleet compared_with_none{8, {.peer_margin = 0}};
  for (int call = 0; call < 5; ++call)
    for (int e = 0; e < 8; ++e) compared_with_none.bad(e, start + 1s);
  CHECK(compared_with_none.out(start + 1s) == 4);
}

TEST_CASE("an endpoint that fails is ejected once its peers work again, and those that were ejected are no peers") {
  fleet f{8};
  for (int call = 0; call < 20; ++call)
    for (int e = 0; e < 8; ++e) f.bad(e, start);
  CHECK(f.out(start) == 0);
  for (int call = 0; call < 20; ++call) {
    for (int e = 1; e < 8; ++e) f.good(e, start + 1s);
    f.bad(0, start + 1s);
  }
  CHECK(f.is_out(0, start + 1s));
  CHECK(f.out(start + 1s) == 1);
  for (int call = 0; call < 6; ++call) f.bad(1, start + 2s);
  CHECK(f.is_out(1, start + 2s));
}

TEST_CASE("if not all may be ejected, those that fail most are, before those that are slow") {
  fleet f{4, {.consecutive = 0, .failure_share = 0.3, .failure_share_calls = 20, .peer_margin = 0}};
  for (int call = 0; call < 100; ++call) {
    f.good(0, start + 1s, 500ms);
    call % 2 == 0 ? f.bad(1, start + 1s) : f.good(1, start + 1s);
    call % 10 == 0 ? f.good(2, start + 1s) : f.bad(2, start + 1s);
    f.good(3, start + 1s);
  }
  f.detector.evaluate(start + 10s);
  CHECK(f.is_out(1, start + 10s));
  CHECK(f.is_out(2, start + 10s));
  CHECK_FALSE(f.is_out(0, start + 10s));
}

TEST_CASE("when healthy endpoints leave, ejected ones return until at most half are ejected") {
  fleet f{8};
  for (int e = 0; e < 4; ++e)
    for (int i = 0; i < 5; ++i) f.bad(e, start + e * 1s);
  CHECK(f.out(start + 5s) == 4);
  auto left = f.all;
  left.resize(5);
  f.detector.set_members(left, start + 5s);
  CHECK(f.out(start + 5s) == 2);
  CHECK_FALSE(f.is_out(0, start + 5s));
  CHECK(f.is_out(3, start + 5s));
}

TEST_CASE("what ends during an ejection, or is of an endpoint that has left, changes nothing") {
  fleet f{4};
  for (int i = 0; i < 50; ++i) f.bad(0, start);
  CHECK(f.state(0, start).times == 1);
  for (int i = 0; i < 4; ++i) f.bad(0, start + 30s);
  CHECK_FALSE(f.is_out(0, start + 30s));
  outlier_record gone{"gone"};
  for (int i = 0; i < 50; ++i) f.detector.record(gone, attempt_result::failure, 1ms, start + 30s);
  CHECK_FALSE(gone.is_ejected(start + 30s));
}

TEST_CASE("whatever happens, at no time are more than the share ejected") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    seeded_random random{seed};
    const int n = static_cast<int>(1 + random.next() % 12);
    const double share = random.next() % 2 == 0 ? 0.5 : 0.25;
    const double margin = random.next() % 2 == 0 ? 0.4 : 0;
    fleet f{n, {.consecutive = 3, .success_rate_calls = 5, .failure_share_calls = 5, .peer_margin = margin,
                .latency_calls = 3, .interval = 1s, .ejection = 2s, .ejection_max = 9s, .max_share = share}};
    auto members = f.all;
    auto now = start;
    for (int step = 0; step < 1500; ++step) {
      now += nanoseconds{static_cast<std::int64_t>(random.next() % 20'000'000)};
      const int e = static_cast<int>(random.next() % static_cast<std::uint64_t>(n));
      if (random.next() % 100 == 0) {
        members = f.all;
        while (members.size() > 1 && random.next() % 2 == 0) members.pop_back();
        f.detector.set_members(members, now);
      }
      random.next() % 3 == 0 ? f.good(e, now, exponential(random, 100ms)) : f.bad(e, now);
      const auto out = std::count_if(members.begin(), members.end(), [&](const auto& r) { return r->is_ejected(now); });
      if (static_cast<double>(out) > share * static_cast<double>(members.size()))
        FAIL_CHECK("seed " << seed << " step " << step);
    }
  }
}

TEST_CASE("threads that record failures never eject more than the share") {
  fleet f{10, {.peer_margin = 0, .interval = 1ms, .ejection = 1ms, .ejection_max = 3ms}};
  std::atomic<bool> exceeded{false};
  const auto run = [&](std::uint64_t seed) {
    seeded_random random{seed};
    for (int i = 0; i < 20'000; ++i) {
      const auto now = start + i * 1us;
      const int e = static_cast<int>(random.next() % 10);
      random.next() % 8 == 0 ? f.good(e, now) : f.bad(e, now);
    }
  };
  std::thread other{run, 1};
  run(2);
  other.join();
  for (int i = 0; i < 20'000; ++i) exceeded = exceeded || f.out(start + 20ms + i * 1us) > 5;
  CHECK_FALSE(exceeded);
  CHECK(f.detector.ejections() > 5);
}
