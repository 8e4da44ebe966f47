// What is done with the answer of a step.
#include <banyan/saga/step_policy.hpp>
#include <banyan/simulation/seeded_random.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("what the domain refuses is the outcome") {
  for (const auto c : {code::refused, code::invalid_argument, code::not_found, code::conflict, code::forbidden,
                       code::unauthenticated, code::corrupt}) {
    CAPTURE(to_string(c));
    CHECK(use_of(error{c, ""}, {}, 1) == saga_answer_use::record);
  }
}

TEST_CASE("what was not begun is asked again, for ever or as often as the saga says") {
  for (const auto c :
       {code::unavailable, code::exhausted, code::deadline_exceeded, code::internal, code::unimplemented}) {
    CAPTURE(to_string(c));
    CHECK(use_of(error{c, ""}, {}, 1'000'000) == saga_answer_use::ask_again);
    const saga_step_policy three{.attempts = 3};
    CHECK(use_of(error{c, ""}, three, 2) == saga_answer_use::ask_again);
    CHECK(use_of(error{c, ""}, three, 3) == saga_answer_use::record);
  }
}

TEST_CASE("an unknown outcome is found out, whatever the code and the number of attempts") {
  for (const auto c : {code::unavailable, code::refused, code::internal}) {
    CHECK(use_of(error{c, "", outcome::unknown}, {.attempts = 1}, 99) == saga_answer_use::find_out);
    CHECK(use_of(error{c, "", outcome::applied}, {}, 1) == saga_answer_use::record);
  }
}

TEST_CASE("a step is not given up as long as an earlier attempt may have been applied") {
  const error down{code::unavailable, "down"};
  const saga_step_policy once{.attempts = 1};
  CHECK(use_of(down, once, 1, false) == saga_answer_use::record);
  CHECK(use_of(down, once, 100, true) == saga_answer_use::ask_again);
  CHECK(use_of(error{code::refused, "no"}, once, 1, true) == saga_answer_use::record);
}

TEST_CASE("waits are uniform up to a back-off that doubles, and never shorter than the service asks") {
  seeded_random random{1};
  const error down{code::unavailable, ""};
  const auto longest = [&](int attempts) {
    nanoseconds most{0};
    for (int i = 0; i < 2'000; ++i) most = std::max(most, wait_before_retry(down, {}, attempts, random).count());
    return most;
  };
  CHECK(longest(1) <= 50ms);
  CHECK(longest(1) > 45ms);
  CHECK(longest(3) <= 200ms);
  CHECK(longest(3) > 180ms);
  CHECK(longest(100) <= 60s);
  CHECK(longest(100) > 50s);
  const auto asked = error{code::exhausted, ""}.after(7s);
  CHECK(wait_before_retry(asked, {}, 1, random).count() == 7s);
  CHECK(wait_before_retry(error{code::unimplemented, ""}, {}, 1, random).count() == 5s);
  CHECK(wait_before_retry(down, {.first_wait = 0ms, .longest_wait = 0ms}, 1, random).count() == 0ms);
}
