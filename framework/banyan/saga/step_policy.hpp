// What is done with the answer of a step: recorded and given to the saga, or asked again. The saga's code never sees an
// unknown outcome.
//
//   answer                                              what happens
//   ok                                                  recorded
//   error, not applied: refused, invalid_argument,      recorded; never undone
//     not_found, conflict, forbidden, ...
//   error, not applied: unavailable, exhausted,         not begun: asked again, for ever or `attempts` times
//     deadline_exceeded, internal, unimplemented
//   error, unknown outcome                              found out (step_outcome.hpp): asked again with the same
//                                                       command id, or its query is asked, until it is known
//   error, applied (the reply was unreadable)           recorded; undone if the saga fails
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>

#include <chrono>

namespace banyan {

// How one request is asked. Not recorded, so that it may change under running sagas.
struct saga_step_policy {
  timespan within = nanoseconds{0};  // of one attempt; 0: what the link to the service says
  int attempts = 0;                  // after that many, a failure that was not applied is given to the saga; 0: never
  timespan first_wait =
      std::chrono::milliseconds{50};  // the longest wait before the second attempt, doubled each time ...
  timespan longest_wait = std::chrono::seconds{60};     // ... up to this
};

enum class saga_answer_use {
  record,     // it is the outcome
  ask_again,  // it was not begun
  find_out,   // its outcome is unknown
};

// `attempts` have been made, this one included. `in_doubt`: an earlier one may have been applied, so that the step can
// not be given up.
saga_answer_use use_of(const error& answer, const saga_step_policy& policy, int attempts, bool in_doubt = false);

// The wait before the next attempt: uniform between 0 and the back-off ("full jitter"), at least the error's
// retry_after, and at least 5 s for an operation that does not exist there, as during a rolling upgrade.
timespan wait_before_retry(const error& answer, const saga_step_policy& policy, int attempts, random_source& random);

}  // namespace banyan
