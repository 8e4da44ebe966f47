// Tests of a saga (saga/context.hpp) alone: given these answers of the services that it asks, and what happens
// meanwhile, then these steps, these undo actions, and this end.
//
//   test_kit::saga<check_out>(an_order())
//       .answers<reserve_stock>([](auto& r) { return stock_reserved{r.sku, 3}; })
//       .refuses<charge>("declined")
//       .then_asked({"inventory.reserve_stock", "inventory.reserve_stock", "payments.charge"})
//       .then_undone({"inventory.release_stock", "inventory.release_stock"})
//       .then_refused("declined");
//
// The first expectation runs the saga three times: plainly, with its frame dropped and built again from the record
// after every turn, and with every answer lost once. All must leave the same record: a saga that depends on a clock, on
// chance or on a global variable fails here. Time is virtual. A step without an answer of the test fails it; an undo
// action without one succeeds. A service answers a repeated command with its stored reply.
//
//   test_kit::replays<check_out>(folder);   // recorded logs (*.jsonl) against today's code
//
// Failed expectations throw expectation_failed (given_when_then.hpp).
#pragma once

#include <banyan/saga/saga_code.hpp>
#include <banyan/test_kit/given_when_then.hpp>
#include <banyan/test_kit/saga_run.hpp>

#include <boost/mp11/algorithm.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace banyan::test_kit {

template <auto Function>
class saga_scenario {
  using signature = banyan::detail::saga_signature<decltype(Function)>;
  using apis = typename signature::context_type::apis;
  using input = typename signature::input;
  using reply = typename signature::reply;

 public:
  explicit saga_scenario(const input& m) : input_{nested(m)} {
    script_.head.saga = "saga";
    script_.head.id = "1";
    script_.head.input_type = std::string{short_name<input>()};
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, apis>>(
        [&]<class Api>(std::type_identity<Api>) { describe_all<Api>(typename Api::operations{}); });
  }

  // Each of the following returns a changed copy.

  // The services. An answer is a function of the request, or a value; it gives the reply, an error or a result.
  template <class Request, class Answer>
  saga_scenario answers(Answer how) const {
    return with_fake<Request>([&](saga_script::fake& fake) {
      fake.answer = [how = std::move(how)](const nested_json& json) mutable -> result<nested_json> {
        auto request = from_json<Request>(json.text);
        if (!request)
          throw expectation_failed{"a request does not survive its own JSON: " + to_string(request.error())};
        if constexpr (std::is_invocable_v<Answer&, const Request&>)
          return as_answer<Request>(how(std::as_const(*request)));
        else
          return as_answer<Request>(how);
      };
    });
  }
  // The domain says no.
  template <class Request>
  saga_scenario refuses(const std::string& reason) const {
    return answers<Request>(error{code::refused, reason}.because(reason));
  }
  // The first `n` answers are lost, and the service has executed the command. It is asked again, or, when it may not be
  // repeated, its query (known_by) is: that finds the stored reply, or what .answers<query>() says.
  template <class Request>
  saga_scenario loses_answer(int n = 1) const {
    return with_fake<Request>([&](saga_script::fake& fake) { fake.answers_lost = n; });
  }
  template <class Request>
  saga_scenario takes(timespan duration) const {
    return with_fake<Request>([&](saga_script::fake& fake) { fake.takes = duration; });
  }

  // What happens, at a time since the start: `at(14min).event("approval", payment_approved{true})`.
  saga_scenario at(timespan time) const {
    return with([&](saga_scenario& s) { s.time_ = time; });
  }
  template <class E>
  saga_scenario event(const std::string& name, const E& what) const {
    return happens(saga_event(name, nested(what)));
  }
  saga_scenario cancel() const { return happens(saga_cancelled("by the test", "the test")); }
  saga_scenario cancel_at(timespan time) const { return at(time).cancel(); }
  saga_scenario abort_at(timespan time) const { return at(time).happens(saga_aborted("by the test", "the test")); }
  saga_scenario out_of_time_at(timespan time) const { return at(time).happens(saga_out_of_time()); }

  // The stored name of the saga and its id; from both its ids are derived.
  saga_scenario named(const std::string& saga, const std::string& id) const {
    return with([&](saga_scenario& s) {
      s.script_.head.saga = saga;
      s.script_.head.id = id;
    });
  }
  saga_scenario version(int v) const {
    return with([&](saga_scenario& s) { s.script_.head.version = v; });
  }
  saga_scenario started_at(instant t) const {
    return with([&](saga_scenario& s) { s.script_.start = t; });
  }
  saga_scenario limits(const saga_limits& l) const {
    return with([&](saga_scenario& s) { s.script_.limits = l; });
  }

  // Wire names of the steps, in the order in which they were asked first.
  const saga_scenario& then_asked(const std::vector<std::string>& operations) const {
    expect_same("the steps differ", to_value(operations), to_value(names(run().steps)));
    return *this;
  }
  const saga_scenario& then_undone(const std::vector<std::string>& operations) const {
    expect_same("the undo actions differ", to_value(operations), to_value(names(run().undone)));
    return *this;
  }
  const saga_scenario& then_published(const std::vector<std::string>& stored_names) const {
    expect_same("the published events differ", to_value(stored_names), to_value(run().published));
    return *this;
  }
  const saga_scenario& then_reply(const reply& expected) const {
    const auto answered = ended();
    if (!answered) throw expectation_failed{"expected: a reply\n  actual: " + to_string(answered.error())};
    expect_same("the reply differs", to_value(expected), to_value(*answered));
    return *this;
  }
  // Refused by a domain rule (code `refused`) with this reason.
  const saga_scenario& then_refused(const std::string& reason) const {
    expect_refused(must_fail(), reason);
    return *this;
  }
  const saga_scenario& then_error(code c) const {
    expect_error(must_fail(), c);
    return *this;
  }
  const saga_scenario& then_ended(saga_outcome how) const {
    expect_same("the end differs", to_value(how), to_value(run().ending.how));
    return *this;
  }

  // For other expectations.
  saga_story story() const { return run(); }

 private:
  template <class Api, class... Ops>
  void describe_all(operations<Ops...>) {
    const auto add = [&](operation o) {
      auto name = o.name;
      script_.operations.insert_or_assign(std::move(name), std::move(o));
    };
    (add(operation_of<Ops>(Api::name)), ...);
  }
  const saga_story& run() const {
    if (!story_) {
      const auto code = saga_code_of<Function>(script_.head.saga, script_.head.version);
      story_ = std::make_shared<const saga_story>(run_saga_every_way(code, script_, input_));
    }
    return *story_;
  }
  template <class Change>
  saga_scenario with(Change change) const {
    auto copy = *this;
    copy.story_.reset();
    change(copy);
    return copy;
  }
  template <class Request, class Change>
  saga_scenario with_fake(Change change) const {
    std::string name;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, apis>>(
        [&]<class Api>(std::type_identity<Api>) {
          if constexpr (Api::operations::template offers<Request>) name = banyan::detail::wire_name<Api, Request>();
        });
    if (name.empty())
      throw expectation_failed{"no API of the saga's context offers " + std::string{short_name<Request>()}};
    return with([&](saga_scenario& s) { change(s.script_.fakes[name]); });
  }
  template <class Request, class A>
  static result<nested_json> as_answer(const A& answer) {
    if constexpr (std::is_same_v<A, error>) {
      return answer;
    } else if constexpr (std::is_same_v<A, result<reply_to<Request>>>) {
      if (!answer) return answer.error();
      return nested(*answer);
    } else {
      static_assert(std::is_same_v<A, reply_to<Request>>,
                    "an answer is the request's reply, an error, or a result of them");
      return nested(answer);
    }
  }
  saga_scenario happens(saga_notification n) const {
    return with([&](saga_scenario& s) { s.script_.happenings.push_back({time_, std::move(n)}); });
  }
  static std::vector<std::string> names(const std::vector<asked_of_saga>& asked) {
    std::vector<std::string> all;
    for (const auto& a : asked) all.push_back(a.operation);
    return all;
  }
  result<reply> ended() const {
    const auto answer = banyan::detail::decode_answer<reply>(run().ending.result.text);
    if (!answer) throw expectation_failed{"the reply does not survive its own JSON: " + to_string(answer.error())};
    if (!answer->value) return answer->failure;
    return *static_cast<const reply*>(answer->value.get());
  }
  error must_fail() const {
    const auto answered = ended();
    if (answered) throw expectation_failed{"expected: an error\n  actual: the reply " + to_json(*answered)};
    return answered.error();
  }

  saga_script script_;
  nested_json input_;
  timespan time_{};
  mutable std::shared_ptr<const saga_story> story_;  // empty: not run yet
};

template <auto Function>
saga_scenario<Function> saga(const typename banyan::detail::saga_signature<decltype(Function)>::input& input) {
  return saga_scenario<Function>{input};
}

// Recorded logs (*.jsonl below the folder, one turn a line) against today's function. The number of turns.
template <auto Function>
std::size_t replays(const std::string& folder) {
  return replay_histories(folder,
                          [](const saga_head& head) { return saga_code_of<Function>(head.saga, head.version); });
}

}  // namespace banyan::test_kit
