#include <services/acquirer/fault_plan.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <string>

using namespace acquirer;
using namespace std::chrono_literals;

namespace {

fault_settings everything(double rate) {
  fault_settings f;
  f.error_rate = f.reset_rate = f.lose_answer_rate = f.bad_json_rate = f.wrong_currency_rate = rate;
  f.slow_body = {rate, 1s};
  f.latency = {80ms, 20ms};
  return f;
}

std::string subject(int n) { return "POST /charges order-" + std::to_string(n); }

}  // namespace

TEST_CASE("without faults nothing happens", "[acquirer]") {
  for (int n = 0; n < 1'000; ++n) {
    CHECK(decide({}, 7, subject(n), 0) == fault_decision{});
    CHECK(decide_callback({}, 7, subject(n)) == callback_decision{});
  }
}

TEST_CASE("the same seed decides the same, another seed otherwise", "[acquirer]") {
  const auto f = everything(0.2);
  int differ = 0, differ_by_attempt = 0;
  for (int n = 0; n < 1'000; ++n) {
    CHECK(decide(f, 7, subject(n), 3) == decide(f, 7, subject(n), 3));
    differ += decide(f, 7, subject(n), 0) != decide(f, 8, subject(n), 0);
    differ_by_attempt += decide(f, 7, subject(n), 0) != decide(f, 7, subject(n), 1);
  }
  CHECK(differ > 900);  // nearly every latency differs
  CHECK(differ_by_attempt > 900);
}

// A recorded run must stay what it was: these are the decisions of the first version.
TEST_CASE("decisions never change", "[acquirer]") {
  CHECK(draw(7, "error", "POST /charges order-1", 0) == 0.83841098914789669);
  CHECK(draw(7, "error", "POST /charges order-1", 1) == 0.74605820761038788);
  CHECK(draw(8, "reset", "", 0) == 0.011998445697015803);
}

TEST_CASE("faults are as frequent as their rates say", "[acquirer][property]") {
  constexpr int requests = 20'000;
  const auto within = [](int count, double rate) {
    return std::abs(count - requests * rate) < 5 * std::sqrt(requests * rate * (1 - rate));
  };
  for (const double rate : {0.01, 0.1, 0.5, 0.9}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      fault_settings error, reset, lost, callbacks;
      error.error_rate = reset.reset_rate = lost.lose_answer_rate = lost.wrong_currency_rate = rate;
      callbacks.duplicate_callback_rate = rate;
      callbacks.late_callback = {rate, 1s};
      std::map<request_fault, int> seen;
      int wrong = 0, twice = 0, late = 0;
      for (int n = 0; n < requests; ++n) {
        for (const auto& f : {error, reset, lost}) {
          const auto d = decide(f, seed, subject(n), 0);
          ++seen[d.fault];
          wrong += d.wrong_currency;
        }
        const auto c = decide_callback(callbacks, seed, subject(n));
        twice += c.duplicate;
        late += c.late == timespan{1s};
      }
      INFO("rate " << rate << ", seed " << seed);
      CHECK(within(seen[request_fault::error], rate));
      CHECK(within(seen[request_fault::lose_answer], rate));
      CHECK(within(wrong, rate));
      CHECK(within(twice, rate));
      CHECK(within(late, rate));
      CHECK(within(seen[request_fault::reset_before], rate / 2));
      CHECK(within(seen[request_fault::reset_after], rate / 2));
    }
  }
}

TEST_CASE("what fails at a rate fails at every higher one", "[acquirer][property]") {
  for (int n = 0; n < 1'000; ++n) {
    bool before = false;
    for (const double rate : {0.0, 0.1, 0.3, 0.6, 1.0}) {
      fault_settings f;
      f.lose_answer_rate = rate;
      const bool hit = decide(f, 7, subject(n), 0).fault == request_fault::lose_answer;
      REQUIRE(hit >= before);
      before = hit;
    }
    REQUIRE(before);
  }
}

TEST_CASE("one fault's rate does not move the others", "[acquirer]") {
  auto some = everything(0.2), more = some;
  more.error_rate = 0.4;
  for (int n = 0; n < 1'000; ++n) {
    const auto a = decide(some, 7, subject(n), 0), b = decide(more, 7, subject(n), 0);
    REQUIRE((a == b || (b.fault == request_fault::error && a.delay == b.delay)));
  }
}

TEST_CASE("latency is its mean give or take its jitter, and never negative", "[acquirer][property]") {
  fault_settings f;
  f.latency = {80ms, 20ms};
  double sum = 0;
  for (int n = 0; n < 10'000; ++n) {
    const auto delay = decide(f, 7, subject(n), 0).delay.count();
    REQUIRE(delay >= 60ms);
    REQUIRE(delay < 100ms);
    sum += static_cast<double>(delay.count()) / 1e6;
  }
  CHECK(sum / 10'000 == Approx(80).margin(1));
  f.latency = {10ms, 50ms};
  for (int n = 0; n < 1'000; ++n) REQUIRE(decide(f, 7, subject(n), 0).delay.count() >= 0ms);
}

TEST_CASE("an outage is for all, and nothing else happens then but latency", "[acquirer]") {
  auto f = everything(1);
  for (const auto& [mode, fault] : {std::pair{outage_mode::on, request_fault::outage},
                                    std::pair{outage_mode::reset, request_fault::outage_reset}}) {
    f.outage = mode;
    for (int n = 0; n < 100; ++n) {
      const auto d = decide(f, 7, subject(n), 0);
      CHECK(d.fault == fault);
      CHECK_FALSE(d.wrong_currency);
      CHECK_FALSE(is_done(d.fault));
    }
  }
}
