// What is asked about a step whose outcome is not known, and what its query's reply says.
#include "bank.hpp"

#include <banyan/saga/step_outcome.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace saga_tests;
using namespace std::chrono_literals;

namespace {

const instant wanted{std::chrono::sys_days{std::chrono::January / 1 / 2026}};

const auto& knows() {
  static const operation draw = operation_of<op<draw_cash, idempotent::never, drawing_known>>("bank");
  return *draw.known_by;
}
const nested_json request = nested(draw_cash{"o17", 5});

saga_finding found(const drawing& told, bool expired) { return finding_of(knows(), request, to_json(told), expired); }

}  // namespace

TEST_CASE("an operation that may not be repeated is asked once; then its query") {
  const saga_step_facts fresh{.how = idempotent::never, .has_query = true, .wanted_at = wanted};
  auto doubtful = fresh;
  doubtful.in_doubt = true;
  for (const auto later : {0h, 24h, 24h * 365}) {
    CHECK(next_ask(fresh, wanted + later) == saga_next_ask::step);
    CHECK(next_ask(doubtful, wanted + later) == saga_next_ask::query);
  }
  doubtful.has_query = false;
  CHECK(next_ask(doubtful, wanted) == saga_next_ask::attention);
}

TEST_CASE("one that is repeated by its key is asked for nine tenths of the time in which the key is remembered") {
  for (const bool in_doubt : {false, true}) {
    saga_step_facts f{.remembered = 10h, .wanted_at = wanted, .in_doubt = in_doubt};
    CHECK(next_ask(f, wanted - 1h) == saga_next_ask::step);  // the clock was set back
    CHECK(next_ask(f, wanted + 9h - 1ns) == saga_next_ask::step);
    CHECK(next_ask(f, wanted + 9h) == saga_next_ask::attention);
    f.has_query = true;
    CHECK(next_ask(f, wanted + 9h) == saga_next_ask::query);
  }
  CHECK(next_ask({.wanted_at = wanted}, wanted + 6 * 24h) == saga_next_ask::step);  // seven days by default
  CHECK(next_ask({.wanted_at = wanted}, wanted + 7 * 24h) == saga_next_ask::attention);
}

TEST_CASE("one that may always be repeated always is") {
  const saga_step_facts f{.how = idempotent::always, .wanted_at = wanted, .in_doubt = true};
  CHECK(next_ask(f, wanted + 24h * 365) == saga_next_ask::step);
}

TEST_CASE("an attempt begins no more some seconds after its deadline") {
  const monotonic deadline{100s};
  CHECK_FALSE(has_expired(deadline, deadline));
  CHECK_FALSE(has_expired(deadline, deadline + expiry_margin - 1ns));
  CHECK(has_expired(deadline, deadline + expiry_margin));
  CHECK_FALSE(has_expired(monotonic::max(), monotonic{24h}));
}

TEST_CASE("a query finds the outcome: what was done, or the refusal") {
  for (const bool expired : {false, true}) {
    const auto done = found({"drawn", "d-1"}, expired);
    CHECK(done.is == saga_finding::kind::outcome);
    CHECK(done.answer.text == R"({"ok":{"drawing":"d-1"}})");
    const auto refused = found({"declined", ""}, expired);
    CHECK(refused.is == saga_finding::kind::outcome);
    CHECK(error_in(refused.answer)->reason == "declined");
  }
}

TEST_CASE("a query that finds nothing proves something only when no attempt can begin any more") {
  const error nothing{code::not_found, "no such drawing"};
  CHECK(found({"unknown", ""}, false).is == saga_finding::kind::not_known);
  CHECK(found({"unknown", ""}, true).is == saga_finding::kind::not_applied);
  CHECK(finding_of(knows(), request, nothing, false).is == saga_finding::kind::not_known);
  CHECK(finding_of(knows(), request, nothing, true).is == saga_finding::kind::not_applied);
}

TEST_CASE("everything else a query says is no outcome") {
  for (const bool expired : {false, true}) {
    CHECK(found({"pending", ""}, expired).is == saga_finding::kind::not_known);
    for (const error& why : {error{code::unavailable, "down"}, error{code::forbidden, "who are you?"},
                             error{code::not_found, "lost", outcome::unknown}}) {
      const auto told = finding_of(knows(), request, why, expired);
      CHECK(told.is == saga_finding::kind::not_known);
      CHECK(told.why.message == why.message);
    }
    CHECK(finding_of(knows(), request, std::string{"[]"}, expired).is == saga_finding::kind::not_known);
    CHECK(finding_of(knows(), {"[]"}, to_json(drawing{"drawn", "d-1"}), expired).is == saga_finding::kind::not_known);
  }
}

TEST_CASE("the query is made from the recorded request, by its wire name") {
  CHECK(knows().operation == "bank.get_drawing");
  CHECK(*knows().query_of(request.text) == R"({"order":"o17"})");
  CHECK(knows().query_of("{").error().code == code::invalid_argument);
}
