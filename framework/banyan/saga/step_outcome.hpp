// How the outcome of a step is found out. A step whose answer was lost, or that an earlier activation of its saga may
// have asked, is in doubt: it may have been applied.
//
//   operation                in doubt                                     not in doubt
//   always                   asked again                                  asked
//   by_key                   asked again with the same command id,        asked, within the horizon
//                            within the horizon
//   by_key, past the horizon its query (known_by) is asked, or a person   likewise
//   never                    its query is asked, never the step itself    asked
//
// Horizon: the service remembers command ids for a time (operation::remembered). A step asked again later would be
// executed a second time, so it is not asked any more when nine tenths of that time have passed since its turn.
//
// A query that finds nothing proves that the step was not applied only when no attempt can begin any more: its deadline
// and a margin have passed. Before that it means: not known yet.
#pragma once

#include <banyan/plan/operation.hpp>
#include <banyan/saga/record.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace banyan {

enum class saga_next_ask {
  step,       // the step itself
  query,      // known_by of its operation
  attention,  // neither may be asked: a person must find out
};

struct saga_step_facts {
  idempotent how = idempotent::by_key;
  bool has_query = false;
  timespan remembered = std::chrono::hours{24 * default_remembered_days};
  instant wanted_at{};    // time of the turn that asked for it
  bool in_doubt = false;
};

bool is_past_horizon(const saga_step_facts& f, instant now);
saga_next_ask next_ask(const saga_step_facts& f, instant now);

// How long after the deadline of an attempt nothing of it begins any more: time on the way, and clocks that differ.
inline constexpr std::chrono::seconds expiry_margin{10};
// `deadline`: the latest one of all attempts that may have been applied.
bool has_expired(monotonic deadline, monotonic now);

// What a query said of a step.
struct saga_finding {
  enum class kind { outcome, not_applied, not_known };
  kind is = kind::not_known;
  nested_json answer = {};  // outcome: {"ok":...} or {"error":...}
  error why = {};           // not known: for people
};
// `answered`: the query's reply as JSON, or its error. `expired`: no attempt can begin any more.
saga_finding finding_of(const outcome_query& query, const nested_json& request, const result<std::string>& answered,
                        bool expired);

// What the saga gets for a step that was proven not to be applied, and is not asked again.
error not_applied_in_time(const std::string& operation);
// What is said of a step for which a person is needed.
error needs_a_person(const std::string& operation, const saga_step_facts& f);

}  // namespace banyan
