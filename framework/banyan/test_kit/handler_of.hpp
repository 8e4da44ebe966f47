// Tests of a handler (service/handles.hpp) alone: given the answers of the services that it asks, when this request
// comes, then this reply or this error, and these requests to others.
//
//   const auto quoting = handler_of<quote_price>{}
//                            .given([](const get_price& g) {
//                              return price{g.sku, 250};
//                            })
//                            .given<get_rebate>(error{code::unavailable, "later"}, rebate{10});
//   quoting.when(get_quote{"A1", 2}).then_error(code::unavailable).then_asked(get_price{"A1"}, get_rebate{"A1"});
//
// Use it for the rules of a handler: whom it asks and in which order, and what it makes of each answer. The handler
// runs in a worker of the framework, with the framework's context, in virtual time: a call that takes a minute is over
// at once, and ends at its deadline. What it asks and what is answered make a round trip through JSON, as between
// nodes. For what several services do together use world (world.hpp).
//
// An operation for which the test gives no answer fails the test when it is asked. Failed expectations throw
// expectation_failed (given_when_then.hpp); what a fake throws reaches the test.
#pragma once

#include <banyan/service/handles.hpp>
#include <banyan/test_kit/fake_services.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace banyan::test_kit {

// The answer of a handler. Each expectation returns *this, for chaining.
template <class Reply, class Apis>
class answer_of_handler : public detail::recorded_requests<answer_of_handler<Reply, Apis>, Apis> {
 public:
  answer_of_handler(result<Reply> answer, std::vector<asked_request> asked, timespan took, std::string failure)
      : detail::recorded_requests<answer_of_handler, Apis>{std::move(asked)},
        answer_{std::move(answer)},
        took_{took},
        failure_{std::move(failure)} {}

  const answer_of_handler& then_reply(const Reply& expected) const {
    if (!answer_) throw expectation_failed{"expected: a reply\n  actual: " + error_text()};
    expect_same("the reply differs", to_value(expected), to_value(*answer_));
    return *this;
  }
  // Any error; `field`, when given, is the path of the invalid input.
  const answer_of_handler& then_error(code c, const std::string& field = {}) const {
    must_be_an_error();
    expect_error(answer_.error(), c, field);
    return *this;
  }
  // Refused by a domain rule (code `refused`) with this reason.
  const answer_of_handler& then_refused(const std::string& reason) const {
    must_be_an_error();
    expect_refused(answer_.error(), reason);
    return *this;
  }

  // For other expectations: the answer, and how long it took in virtual time. Deadlines are kept to within 4 ms
  // (call_table::resolution).
  const result<Reply>& answer() const { return answer_; }
  timespan took() const { return took_; }

 private:
  void must_be_an_error() const {
    if (answer_) throw expectation_failed{"expected: an error\n  actual: the reply " + to_json(*answer_)};
  }
  std::string error_text() const {
    return to_string(answer_.error()) + (failure_.empty() ? "" : "\n  thrown: " + failure_);
  }
  result<Reply> answer_;
  timespan took_;
  std::string failure_;
};

namespace detail {

struct request_of_test {
  timespan within = std::chrono::seconds{30};
  uuid command = uuid_from_name("test_kit", "command");
  std::string caller = {};
};

struct answer_of_run {
  result<message_ptr> answer;
  timespan took;
  std::string failure;
};
// Throws as handler_node::check().
answer_of_run run_handler(handler_node& node, const handler_spec& spec, message_ptr request,
                          const request_of_test& how);

// The handler's item of the plan. Throws std::invalid_argument when the plan has none.
const handler_spec& handler_in(const plan& service, const message_type* request);

}  // namespace detail

template <auto Handle>
class handler_of : public detail::scenario_with_fakes<handler_of<Handle>, typename handles<Handle>::asks> {
  using signature = typename handles<Handle>::signature;

 public:
  using request = typename signature::message;
  using reply = typename request::reply;
  using apis = typename handles<Handle>::asks;

  handler_of() : handler_of{alone()} {}
  // With the deadlines that the service's plan gives its ambassadors; without a plan, those that an ambassador has by
  // default. Throws std::invalid_argument when the service does not handle the request.
  explicit handler_of(plan service) : plan_{std::move(service)}, spec_{&detail::handler_in(plan_, type_of<request>())} {
    this->fakes_.deadlines_of(plan_);
  }

  // The request's own deadline, which every call of the handler inherits; default: 30 seconds.
  handler_of within(timespan deadline) const {
    auto s = *this;
    s.how_.within = deadline;
    return s;
  }
  // The request's command id, from which the handler's ids are derived; the default is the same in every test.
  handler_of as_command(const uuid& id) const {
    auto s = *this;
    s.how_.command = id;
    return s;
  }
  handler_of called_by(std::string caller) const {
    auto s = *this;
    s.how_.caller = std::move(caller);
    return s;
  }

  // Each call is a run of its own, with the fakes as they were given.
  answer_of_handler<reply, apis> when(const request& r) const {
    detail::handler_node node{plan_.service(), this->fakes_, this->now_};
    auto done = detail::run_handler(node, *spec_, make_message<request>(r), how_);
    auto answer = done.answer ? banyan::detail::take_answer<reply>(*done.answer) : result<reply>{done.answer.error()};
    return {std::move(answer), node.asked(), done.took, std::move(done.failure)};
  }

 private:
  static plan alone() {
    plan p{"test"};
    handles<Handle>{}.contribute(p);
    return p;
  }
  plan plan_;  // owns *spec_
  const handler_spec* spec_;
  detail::request_of_test how_;
};

}  // namespace banyan::test_kit
