// Tests of a subscription (pub_sub/pub_sub.hpp) alone: given the answers of the services that its handler asks, when
// this event is delivered, then it is handled, tried again or given up, and these requests went to others.
//
//   const auto sending =
//       subscription_of<send_parcel>{}.given<book_parcel>(error{code::unavailable, "later"}, booked{"P1"});
//   sending.when(goods_sold{"A1", 2}).then_handled().then_attempts(2).then_asked(book_parcel{"A1"}, book_parcel{"A1"});
//   sending.given<book_parcel>(refuse("too_heavy", "30 kg")).when(goods_sold{"A1", 2}).then_dead_letter(code::refused);
//
// Use it for what a handler makes of each answer: what it asks again, what it gives up. The event is stored in a
// journal in memory, and delivered by the framework's subscription, with its order, back-off, limits and dead letters,
// in virtual time. A handler publishes by commands to entities, which are requests: what an entity stores for a command
// is tested with given<aggregate>() (given_when_then.hpp), what several services do together with world (world.hpp).
//
// An operation for which the test gives no answer fails the test when it is asked. Failed expectations throw
// expectation_failed; what a fake throws reaches the test.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/pub_sub/dead_letter.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/test_kit/fake_services.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace banyan::test_kit {

// One attempt to handle an event.
struct delivery_attempt {
  banyan::position event = 0;  // 1 for the first event of the test
  timespan at;                 // since the first attempt
  std::optional<error> why;    // it failed; none: it was handled. `internal`: what was thrown
};

namespace detail {

struct event_of_test {
  int schema;
  std::string payload;
};

struct delivery_run {
  std::vector<delivery_attempt> attempts = {};
  std::vector<dead_letter> dead_letters = {};
  bool is_over = false;  // every event was acknowledged or given up
  timespan took = {};
};
// Throws as handler_node::check().
delivery_run run_subscription(handler_node& node, const subscription_spec& spec,
                              const std::vector<event_of_test>& events, timespan limit);

using handle_function = task<result<done>> (*)(actor_host&, const service_scope&, const recorded_event&);
// The subscription's item of the plan. Throws std::invalid_argument when the plan has none.
const subscription_spec& subscription_in(const plan& service, handle_function handler);

std::string to_string(const delivery_run& r);  // one line per attempt and dead letter

}  // namespace detail

// What became of the events. Each expectation returns *this, for chaining.
template <class Apis>
class outcome_of_subscription : public detail::recorded_requests<outcome_of_subscription<Apis>, Apis> {
 public:
  outcome_of_subscription(detail::delivery_run run, std::vector<asked_request> asked)
      : detail::recorded_requests<outcome_of_subscription, Apis>{std::move(asked)}, run_{std::move(run)} {}

  // Every event was handled, at the first or a later attempt.
  const outcome_of_subscription& then_handled() const {
    return expect(run_.is_over && run_.dead_letters.empty(), "handled");
  }
  // The number of attempts, of all events together.
  const outcome_of_subscription& then_attempts(std::size_t expected) const {
    return expect(run_.attempts.size() == expected,
                  std::to_string(expected) + (expected == 1 ? " attempt" : " attempts"));
  }
  // Exactly one event was given up. `c`: the error of its last attempt; `internal` when the handler threw, and
  // `deadline_exceeded` when it had not ended in time.
  const outcome_of_subscription& then_dead_letter() const {
    return expect(run_.is_over && run_.dead_letters.size() == 1, "a dead letter");
  }
  const outcome_of_subscription& then_dead_letter(code c) const {
    const auto sentence = "a dead letter, because of " + std::string{banyan::to_string(c)};
    expect(run_.is_over && run_.dead_letters.size() == 1, sentence);
    std::optional<error> last;
    for (const auto& a : run_.attempts)
      if (a.event == run_.dead_letters.front().position) last = a.why;
    return expect(last && last->code == c, sentence);
  }
  // Neither handled nor given up when the limit was reached: an error about the journal is not counted, so that the
  // event is tried again until it can be stored.
  const outcome_of_subscription& then_tried_further() const { return expect(!run_.is_over, "tried further"); }

  // For other expectations: `took` is virtual time, from the first event to the end.
  const std::vector<delivery_attempt>& attempts() const { return run_.attempts; }
  const std::vector<dead_letter>& dead_letters() const { return run_.dead_letters; }
  timespan took() const { return run_.took; }

 private:
  const outcome_of_subscription& expect(bool holds, const std::string& expected) const {
    if (!holds) throw expectation_failed{"expected: " + expected + "\n  actual: " + detail::to_string(run_)};
    return *this;
  }
  detail::delivery_run run_;
};

template <auto Handle>
class subscription_of : public detail::scenario_with_fakes<subscription_of<Handle>, typename subscribes<Handle>::asks> {
 public:
  using event = typename subscribes<Handle>::signature::message;
  using apis = typename subscribes<Handle>::asks;

  subscription_of() : subscription_of{alone({.topic = "test"})} {}
  // With these options.
  explicit subscription_of(const subscribes<Handle>& options) : subscription_of{alone(options)} {}
  // With the options of the service's plan, and the deadlines that it gives its ambassadors. Throws
  // std::invalid_argument when the service has no such subscription.
  explicit subscription_of(plan service)
      : plan_{std::move(service)}, spec_{&detail::subscription_in(plan_, &banyan::detail::handle_event<Handle>)} {
    this->fakes_.deadlines_of(plan_);
  }

  // How long a run goes on at most, in virtual time; default: a day.
  subscription_of for_at_most(timespan limit) const {
    auto s = *this;
    s.limit_ = limit;
    return s;
  }

  // Each call is a run of its own, with the fakes as they were given, until every event is handled or given up.
  outcome_of_subscription<apis> when(const event& e) const { return when_all({e}); }
  // Events of one stream, in this order.
  outcome_of_subscription<apis> when_all(const std::vector<event>& events) const {
    std::vector<detail::event_of_test> stored;
    for (const auto& e : events) stored.push_back({event::stored.schema, to_json(e)});
    return run(stored);
  }
  // An event as it is stored: of an older program, say.
  outcome_of_subscription<apis> when_stored(std::string payload, int schema = event::stored.schema) const {
    return run({{schema, std::move(payload)}});
  }

 private:
  static plan alone(const subscribes<Handle>& options) {
    plan p{"test"};
    options.contribute(p);
    return p;
  }
  outcome_of_subscription<apis> run(const std::vector<detail::event_of_test>& events) const {
    detail::handler_node node{plan_.service(), this->fakes_, this->now_};
    auto done = detail::run_subscription(node, *spec_, events, limit_);
    return {std::move(done), node.asked()};
  }
  plan plan_;  // owns *spec_
  const subscription_spec* spec_;
  timespan limit_ = std::chrono::hours{24};
};

}  // namespace banyan::test_kit
