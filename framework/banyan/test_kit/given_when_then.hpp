// Given / when / then: tests of aggregates (event_sourcing/aggregate.hpp). Given these events, when this command comes, then these events
// and this reply, or this refusal.
//
//   using test_kit::given;
//   given<order>({order_placed{...}}).when(cancel_order{"o1", "customer"}).then({order_cancelled{...}}).then_reply(order_state_reply{...});
//   given<order>({order_placed{...}, order_cancelled{...}}).when(confirm_order{"o1"}).then_refused("order_cancelled");
//   given<order>().when(confirm_order{"o1"}).then_error(code::not_found);
//   given<order>().at(noon).as_command(id).when(place_order{...}).then({order_placed{..., .placed_at = noon, ...}});
//
// Use it for every rule of an aggregate: no actor, no journal, no clock, microseconds per case. Do not use it for what several entities do
// together, or for what happens when a disk fails: that is what banyan::simulation is for.
//
// It belongs to no test framework. An expectation that does not hold throws `expectation_failed`, which every framework reports
// with its text: what was expected (-) and what came instead (+), line by line, one line per member.
//
//   the events differ (- expected, + actual)
//     [0].orders.cancelled.id = "o1"
//   - [0].orders.cancelled.reason = "customer"
//   + [0].orders.cancelled.reason = "out_of_stock"
//
// Events and replies are compared by their JSON, so they need no operator==. Every event, given or decided, also goes through its JSON
// as if it came from a journal: a member that was left out of BOOST_DESCRIBE_STRUCT shows here, and not after the first restart.
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

// The lines of both, member by member: those in common, and with "-" and "+" those that differ. Empty when there is no difference.
std::string difference(const boost::json::value& expected, const boost::json::value& actual);

// Throws expectation_failed with `what` and the difference, if there is one.
void expect_same(const std::string& what, const boost::json::value& expected, const boost::json::value& actual);

// What a command led to. Every expectation returns the same object, so that several can be chained.
template <aggregate A>
class outcome_of {
 public:
  outcome_of(decision<A> d, typename A::state after) : decision_{std::move(d)}, after_{std::move(after)} {}

  // Accepted, with exactly these events in this order. `then({})`: accepted, and nothing happened.
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
  // The state after the events that were decided: for what no reply shows.
  const outcome_of& then_state(const typename A::state& expected) const {
    must_be_accepted();
    expect_same("the state differs", to_value(expected), to_value(after_));
    return *this;
  }
  // The domain said no, for this reason (code `refused`).
  const outcome_of& then_refused(const std::string& reason) const {
    must_be_an_error();
    if (decision_.refusal.code != code::refused || decision_.refusal.reason != reason)
      throw expectation_failed{"expected: refused (" + reason + ")\n  actual: " + to_string(decision_.refusal)};
    return *this;
  }
  // Any error; `field` when given is the path of the input that is wrong.
  const outcome_of& then_error(code c, const std::string& field = {}) const {
    must_be_an_error();
    if (decision_.refusal.code != c || (!field.empty() && decision_.refusal.field != field))
      throw expectation_failed{"expected: " + std::string{to_string(c)} + (field.empty() ? "" : " at " + field) + "\n  actual: " +
                               to_string(decision_.refusal) + (decision_.refusal.field.empty() ? "" : " at " + decision_.refusal.field)};
    return *this;
  }

  // For expectations of your own.
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

// The state that a history left behind, and the context in which the next command is decided: a fixed instant and a fixed command id,
// so that nothing depends on when and where the test runs.
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

  // Checks what needs no state (the aggregate's `validate`, if it has one), decides, and applies what was decided. The scenario stays as it
  // was and can be asked again.
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
    A::evolve(s, *read_back);
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
