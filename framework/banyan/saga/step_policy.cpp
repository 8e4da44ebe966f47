#include <banyan/saga/step_policy.hpp>

#include <algorithm>

namespace banyan {
namespace {

constexpr std::chrono::seconds wait_for_an_upgrade{5};

bool was_begun(code c) {
  return c != code::unavailable && c != code::exhausted && c != code::deadline_exceeded && c != code::internal &&
         c != code::unimplemented;
}

}  // namespace

saga_answer_use use_of(const error& answer, const saga_step_policy& policy, int attempts, bool in_doubt) {
  if (answer.outcome == outcome::unknown) return saga_answer_use::find_out;
  if (answer.outcome == outcome::applied || was_begun(answer.code)) return saga_answer_use::record;
  const bool gives_up = policy.attempts > 0 && attempts >= policy.attempts && !in_doubt;
  return gives_up ? saga_answer_use::record : saga_answer_use::ask_again;
}

timespan wait_before_retry(const error& answer, const saga_step_policy& policy, int attempts, random_source& random) {
  auto longest = policy.first_wait.count().count();
  for (int i = 1; i < attempts && longest < policy.longest_wait.count().count(); ++i) longest *= 2;
  longest = std::min(longest, policy.longest_wait.count().count());
  const auto drawn = longest > 0 ? random.next() % (static_cast<std::uint64_t>(longest) + 1) : 0;
  nanoseconds wait{static_cast<std::int64_t>(drawn)};
  if (answer.retry_after) wait = std::max(wait, timespan{*answer.retry_after}.count());
  if (answer.code == code::unimplemented) wait = std::max<nanoseconds>(wait, wait_for_an_upgrade);
  return wait;
}

}  // namespace banyan
