#include <banyan/ambassador/retry_policy.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

using reason = retry_policy::reason;

class fixed final : public random_source {
 public:
  explicit fixed(std::uint64_t value) : value_{value} {}
  std::uint64_t next() override { return value_; }

 private:
  std::uint64_t value_;
};

fixed lowest{0};
fixed highest{std::numeric_limits<std::uint64_t>::max()};
const error lost{code::unavailable, "the connection was lost", outcome::unknown};

retry_policy::decision decide(const error& why, idempotent how = idempotent::by_key, int attempt = 1,
                              timespan remaining = 10s) {
  return retry_policy{}.after_failure({.why = why, .attempt = attempt, .how = how, .remaining = remaining}, highest);
}

}  // namespace

TEST_CASE("an idempotent call is retried when the callee was not reached, or did not answer in the attempt's time") {
  for (const auto c : {code::unavailable, code::deadline_exceeded}) {
    for (const auto how : {idempotent::by_key, idempotent::always}) {
      const auto d = decide({c, "why", outcome::unknown}, how);
      CHECK(d.because == reason::again);
      CHECK(d.wait);
      CHECK_FALSE(d.marks);
    }
  }
}

TEST_CASE("a call that is not idempotent is retried only when it certainly had no effect") {
  CHECK(decide(lost, idempotent::never).because == reason::not_idempotent);
  CHECK(decide({code::unavailable, "refused", outcome::applied}, idempotent::never).because == reason::not_idempotent);
  CHECK(decide({code::unavailable, "refused", outcome::not_applied}, idempotent::never).because == reason::again);
}

TEST_CASE("an error that does not pass is never retried, and not marked") {
  for (const auto c : {code::invalid_argument, code::not_found, code::conflict, code::refused, code::unauthenticated,
                       code::forbidden, code::corrupt, code::internal, code::unimplemented}) {
    const auto d = decide({c, "why", outcome::not_applied}, idempotent::always);
    CHECK(d.because == reason::not_retryable);
    CHECK_FALSE(d.marks);
  }
}

TEST_CASE("a callee that is exhausted is asked again only when it says when, and not before") {
  CHECK(decide({code::exhausted, "busy"}).because == reason::not_retryable);
  const auto d = retry_policy{}.after_failure(
      {.why = error{code::exhausted, "busy"}.after(300ms), .how = idempotent::by_key, .remaining = 10s}, lowest);
  CHECK(d.because == reason::again);
  CHECK(d.wait == 300ms);
}

TEST_CASE("a retry_after beyond the deadline fails at once") {
  const auto busy = error{code::unavailable, "busy"}.after(2s);
  CHECK(decide(busy, idempotent::always, 1, 2s).because == reason::no_time_left);
  CHECK(decide(busy, idempotent::always, 1, 2s).marks);
  CHECK(decide(busy, idempotent::always, 1, 2100ms).because == reason::again);
  CHECK(decide({code::unavailable, "busy"}, idempotent::always, 1, 0s).because == reason::no_time_left);
}

TEST_CASE("there are as many attempts as the options say, and the last error is marked") {
  CHECK(decide(lost, idempotent::by_key, 2).because == reason::again);
  const auto d = decide(lost, idempotent::by_key, 3);
  CHECK(d.because == reason::no_attempts_left);
  CHECK(d.to_caller(lost).retried);
  const retry_policy off{{.attempts = 1}};
  CHECK(off.after_failure({.why = lost, .how = idempotent::always}, lowest).because == reason::off);
  CHECK_FALSE(off.after_failure({.why = lost, .how = idempotent::always}, lowest).to_caller(lost).retried);
}

TEST_CASE("an error that a lower layer has retried is not retried again, and stays marked") {
  auto below = lost;
  below.retried = true;
  const auto d = decide(below, idempotent::always);
  CHECK(d.because == reason::retried_below);
  CHECK(d.to_caller(below).retried);
  CHECK(retry_policy::give_up(lost).retried);
}

TEST_CASE("a breaker's refusal is retried at once, but on another endpoint only") {
  const error refused{code::unavailable, "the breaker is open"};
  const retry_policy p;
  const auto elsewhere = p.after_failure({.why = refused, .refused_by_breaker = true, .other_endpoint = true}, highest);
  CHECK(elsewhere.because == reason::again);
  CHECK(elsewhere.wait == 0ns);
  const auto alone = p.after_failure({.why = refused, .refused_by_breaker = true, .other_endpoint = false}, highest);
  CHECK(alone.because == reason::no_other_endpoint);
  CHECK(alone.marks);
}

TEST_CASE("waits are drawn from zero to a bound that doubles up to the longest") {
  const retry_policy p{{.attempts = 100, .backoff = 25ms, .backoff_max = 1s}};
  const auto wait = [&](int attempt, random_source& r) {
    return *p.after_failure({.why = lost, .attempt = attempt, .how = idempotent::always, .remaining = 1h}, r).wait;
  };
  CHECK(wait(1, lowest) == 0ns);
  const nanoseconds bounds[] = {25ms, 50ms, 100ms, 200ms, 400ms, 800ms, 1s, 1s};
  for (int n = 1; n <= 8; ++n) {
    CHECK(wait(n, highest) <= bounds[n - 1]);
    CHECK(wait(n, highest) > bounds[n - 1] - 1us);
  }
  CHECK(wait(99, highest) <= 1s);
  seeded_random random{1};
  nanoseconds sum{0};
  for (int i = 0; i < 2000; ++i) sum += wait(1, random);
  CHECK(sum / 2000 > 12ms);
  CHECK(sum / 2000 < 13ms);
}

TEST_CASE("whatever fails, no retry is planned at or beyond the deadline") {
  seeded_random random{5};
  for (int i = 0; i < 5000; ++i) {
    error why{static_cast<code>(random.next() % 12), "why", static_cast<outcome>(random.next() % 3)};
    if (random.next() % 2 == 0) why.retry_after = std::chrono::milliseconds{random.next() % 300};
    const timespan remaining = std::chrono::milliseconds{random.next() % 300};
    const auto d = retry_policy{}.after_failure({.why = why,
                                                 .attempt = static_cast<int>(1 + random.next() % 4),
                                                 .how = static_cast<idempotent>(random.next() % 3),
                                                 .remaining = remaining},
                                                random);
    if (d.wait.has_value() != (d.because == reason::again)) FAIL_CHECK("a wait without a retry");
    if (d.wait && timespan{*d.wait} >= remaining) FAIL_CHECK("a retry at the deadline");
    if (d.wait && why.retry_after && *d.wait < *why.retry_after) FAIL_CHECK("a retry before retry_after");
    if (d.wait && !is_retryable(why.code)) FAIL_CHECK("a retry of what does not pass");
  }
}

TEST_CASE("every reason has a name") {
  CHECK(to_string(reason::no_time_left) == "no_time_left");
  CHECK(to_string(reason::again) == "again");
  CHECK(to_string(static_cast<reason>(99)) == "unknown");
}
