// Given / when / then tests of aggregates (event_sourcing/aggregate.hpp): given these events, when this command
// comes, then these events and this reply, or this refusal.
//
//   using test_kit::given;
//   given<order>({order_placed{...}}).when(cancel_order{"o1", "customer"}).then({order_cancelled{...}}).then_reply(order_state_reply{...});
//   given<order>({order_placed{...}, order_cancelled{...}}).when(confirm_order{"o1"}).then_refused("order_cancelled");
//   given<order>().when(confirm_order{"o1"}).then_error(code::not_found);
//   given<order>().at(noon).as_command(id).when(place_order{...}).then({order_placed{..., .placed_at = noon, ...}});
//
// Use it for every rule of an aggregate: no actor, no journal, no clock; microseconds per case. For interactions of
// entities and for failures of disks or links use banyan::simulation.
//
// Independent of test frameworks: a failed expectation throws `expectation_failed`, whose text every framework
// prints: expected (-) and actual (+), one line per member.
//
//   the events differ (- expected, + actual)
//     [0].orders.cancelled.id = "o1"
//   - [0].orders.cancelled.reason = "customer"
//   + [0].orders.cancelled.reason = "out_of_stock"
//
// Events and replies are compared by their JSON, so they need no operator==. Every event also makes a round trip
// through JSON, as from a journal: a member missing in BOOST_DESCRIBE_STRUCT is found here.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/event_sourcing/aggregate.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace banyan::test_kit {

class expectation_failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The difference by member: common lines, and with "-" or "+" those that differ. Empty when equal.
std::string difference(const boost::json::value& expected, const boost::json::value& actual);

// Throws expectation_failed with `what` and the difference, if there is one.
void expect_same(const std::string& what, const boost::json::value& expected, const boost::json::value& actual);

// Throws expectation_failed unless the error has this code, and this path of the invalid input when one is given.
void expect_error(const error& actual, code c, const std::string& field = {});
// Throws expectation_failed unless the error is the refusal of a rule (code `refused`) with this reason.
void expect_refused(const error& actual, const std::string& reason);

// The result of a command. Every expectation returns *this, for chaining.
template <aggregate A>
class outcome_of {
 public:
  outcome_of(decision<A> d, typename A::state after) : decision_{std::move(d)}, after_{std::move(after)} {}

  // Accepted, with exactly these events in this order. `then({})`: accepted without events.
  const outcome_of& then(const std::vector<typename A::event>& expected) const {
    must_be_accepted();
    expect_same("the events differ", to_value(expected), to_value(decision_.events));
    return *this;
  }
  template <class Reply>
  const outcome_of& then_reply(const Reply& expected) const {
    must_be_accepted();
    auto* actual = std::get_if<Reply>(&std::get<1>(decision_.reply));
    if (!actual) throw expectation_failed{"the reply is of another type: " + reply_json()};
    expect_same("the reply differs", to_value(expected), to_value(*actual));
    return *this;
  }
  // The state after the decided events.
  const outcome_of& then_state(const typename A::state& expected) const {
    must_be_accepted();
    expect_same("the state differs", to_value(expected), to_value(after_));
    return *this;
  }
  // Refused by a domain rule (code `refused`) with this reason.
  const outcome_of& then_refused(const std::string& reason) const {
    must_be_an_error();
    expect_refused(decision_.refusal, reason);
    return *this;
  }
  // Any error; `field`, when given, is the path of the invalid input.
  const outcome_of& then_error(code c, const std::string& field = {}) const {
    must_be_an_error();
    expect_error(decision_.refusal, c, field);
    return *this;
  }

  // For other expectations.
  const decision<A>& decided() const { return decision_; }
  const typename A::state& state() const { return after_; }

 private:
  void must_be_accepted() const {
    if (!decision_.accepted()) throw expectation_failed{"expected: accepted\n  actual: " + to_string(decision_.refusal)};
  }
  void must_be_an_error() const {
    if (decision_.accepted())
      throw expectation_failed{"expected: an error\n  actual: accepted, with the reply " + reply_json() + " and the events\n" +
                               difference(boost::json::array{}, to_value(decision_.events))};
  }
  std::string reply_json() const {
    return std::visit([](const auto& r) { return to_json(r); }, std::get<1>(decision_.reply));
  }
  decision<A> decision_;
  typename A::state after_;
};

// The state after a history, and the context of the next decision: a fixed time and a fixed command id, for
// reproducible tests.
template <aggregate A>
class scenario {
 public:
  explicit scenario(const std::vector<typename A::event>& history) {
    for (auto& e : history) evolve(state_, e);
  }

  scenario at(instant now) const& {
    auto s = *this;
    s.context_.now = now;
    return s;
  }
  scenario as_command(const uuid& id) const& {
    auto s = *this;
    s.context_.command_id = id;
    return s;
  }
  scenario of_entity(std::string id) const& {
    auto s = *this;
    s.context_.entity = std::move(id);
    return s;
  }

  // Validates (the aggregate's `validate`, if any), decides, and applies the events to a copy: the scenario does not
  // change and can be used again.
  outcome_of<A> when(const typename A::command& c) const {
    if (auto checked = banyan::validate<A>(c); !checked) return {decision<A>{checked.error()}, state_};
    decision<A> d = A::decide(state_, c, context_);
    auto after = state_;
    for (auto& e : d.events) evolve(after, e);
    return {std::move(d), std::move(after)};
  }

 private:
  static void evolve(typename A::state& s, const typename A::event& e) {
    auto text = to_json(e);
    auto read_back = from_json<typename A::event>(text);
    if (!read_back) throw expectation_failed{"an event does not survive its own JSON: " + to_string(read_back.error()) + "\n" + text};
    banyan::evolve<A>(s, *read_back);
  }
  typename A::state state_{};
  decision_context context_{"entity",
                            instant{std::chrono::sys_days{std::chrono::January / 1 / 2026}},
                            uuid_from_name("test_kit", "command")};
};

template <aggregate A>
scenario<A> given(const std::vector<typename A::event>& history = {}) {
  return scenario<A>{history};
}

}  // namespace banyan::test_kit
