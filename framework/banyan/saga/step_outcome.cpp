#include <banyan/saga/step_outcome.hpp>

#include <banyan/saga/step_policy.hpp>

#include <utility>

namespace banyan {

bool is_past_horizon(const saga_step_facts& f, instant now) {
  if (f.how != idempotent::by_key) return false;
  const nanoseconds safe = f.remembered.count() / 10 * 9;
  return now >= add_saturating(f.wanted_at, safe);
}

saga_next_ask next_ask(const saga_step_facts& f, instant now) {
  const bool may_ask = f.how == idempotent::never ? !f.in_doubt : !is_past_horizon(f, now);
  if (may_ask) return saga_next_ask::step;
  return f.has_query ? saga_next_ask::query : saga_next_ask::attention;
}

bool has_expired(monotonic deadline, monotonic now) { return now >= add_saturating(deadline, expiry_margin); }

saga_finding finding_of(const outcome_query& query, const nested_json& request, const result<std::string>& answered,
                        bool expired) {
  using kind = saga_finding::kind;
  const auto not_found = [&] {
    if (expired) return saga_finding{kind::not_applied, {}, {}};
    return saga_finding{
        kind::not_known, {}, {code::unavailable, "the service knows nothing of it, and it may still begin"}};
  };
  if (!answered) {
    const auto& why = answered.error();
    const bool knows_nothing = why.code == code::not_found && why.outcome == outcome::not_applied;
    return knows_nothing ? not_found() : saga_finding{kind::not_known, {}, why};
  }
  auto found = query.outcome_in(request.text, *answered);
  if (!found) return {kind::not_known, {}, found.error()};
  if (found->empty()) return {kind::not_known, {}, {code::unavailable, "the service does not know the outcome yet"}};
  nested_json answer{std::move(*found)};
  if (const auto failed = error_in(answer)) {
    if (failed->outcome == outcome::unknown) return {kind::not_known, {}, *failed};
    const bool is_outcome = use_of(*failed, {}, 1) == saga_answer_use::record;
    if (!is_outcome || (failed->code == code::not_found && failed->outcome == outcome::not_applied)) return not_found();
  }
  return {kind::outcome, std::move(answer), {}};
}

error not_applied_in_time(const std::string& operation) {
  return error{code::deadline_exceeded,
               operation + " was not applied as long as its command id was remembered, and is not asked again"}
      .because("past_horizon");
}

error needs_a_person(const std::string& operation, const saga_step_facts& f) {
  const std::string why = f.how == idempotent::never
                              ? " may not be repeated, and no query finds out its outcome"
                              : " was asked so long ago that its command id may be forgotten, and no query finds out "
                                "its outcome";
  return error{code::unavailable, operation + why, outcome::unknown}.because("past_horizon");
}

}  // namespace banyan
