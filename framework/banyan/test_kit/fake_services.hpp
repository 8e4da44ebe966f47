// Fakes of the services that a handler asks, and the simulated node on which it runs with them. Shared by the tests of
// handlers (handler_of.hpp) and of subscriptions (subscription_of.hpp), which have the examples.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/service/context.hpp>
#include <banyan/simulation/simulation.hpp>
#include <banyan/test_kit/given_when_then.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace banyan::test_kit {

// A request that a handler sent.
struct asked_request {
  std::string operation;       // wire name, "catalog.get_products"
  boost::json::value request;  // null: the struct is not described
  uuid command;                // the command id that it was sent with; a retry has the same
  timespan at;                 // since the start of the handler
  timespan within;             // time left until its deadline
};

namespace detail {

inline constexpr const char* handler_name = "the handler";  // of its actor

using fake_answer = std::function<result<message_ptr>(message&)>;

// The operations that a handler may ask, with what the test answers. A copy has its own copies of the test's functions.
class fake_services {
 public:
  void offer(std::string service, operation of);
  void answer(const message_type* request, fake_answer how);  // replaces an earlier one
  void take(const message_type* request, timespan duration);
  void deadlines_of(const plan& service);  // those of its ambassadors

  struct fake {
    std::string service;
    operation of;
    fake_answer answer = {};  // empty: none is given
    timespan takes = {};
  };
  const std::vector<fake>& all() const { return fakes_; }
  const std::map<std::string, timespan>& deadlines() const { return deadlines_; }

 private:
  fake& at(const message_type* request);
  std::vector<fake> fakes_;
  std::map<std::string, timespan> deadlines_;
};

// One run: a simulated node with the fakes, and with the links and the context that a node gives a handler.
class handler_node {
 public:
  handler_node(std::string service, const fake_services& fakes, std::optional<instant> now);
  ~handler_node();
  handler_node(const handler_node&) = delete;
  handler_node& operator=(const handler_node&) = delete;

  actor_system& system();
  banyan::journal& journal();
  const service_scope& scope() const;
  monotonic now() const;
  // Ends after the node's actors, which may refer to it.
  void keep(std::shared_ptr<void> what);
  // Counts times of asked requests from now on.
  void begin();
  // Runs until `is_done`, nothing is left to do, or `limit` has passed in virtual time.
  void run_until(const std::function<bool()>& is_done, timespan limit);
  const std::vector<asked_request>& asked() const;
  // What the handler threw last, at a crash or a failed request; empty: nothing.
  std::string last_failure() const;
  // Throws what a fake has thrown, and expectation_failed when a request had no answer.
  void check() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

void expect_asked(const std::vector<asked_request>& actual, const boost::json::array& expected);

// The API of the list that offers a request.
template <class Request, class Apis>
struct api_that_offers;
template <class Request, class... Apis>
struct api_that_offers<Request, boost::mp11::mp_list<Apis...>> {
  static_assert((Apis::operations::template offers<Request> || ...),
                "no API of the handler's context<...> offers this operation, so the handler can not ask for it");
  static std::string_view name() {
    std::string_view found;
    ((found.empty() && Apis::operations::template offers<Request> ? void(found = Apis::name) : void()), ...);
    return found;
  }
};

template <class Apis, class Request>
boost::json::value as_asked(const Request& r) {
  const auto service = api_that_offers<Request, Apis>::name();
  boost::json::object named;
  named[std::string{service} + "." + std::string{local_name<Request>()}] = to_value(r);
  return named;
}

// The request type of a fake: that of its parameter.
template <class R, class M>
std::remove_cvref_t<M> parameter_of(R (*)(M));
template <class R, class C, class M>
std::remove_cvref_t<M> parameter_of(R (C::*)(M));
template <class R, class C, class M>
std::remove_cvref_t<M> parameter_of(R (C::*)(M) const);
template <class F>
  requires requires { &F::operator(); }
auto parameter_of(F) -> decltype(parameter_of(&F::operator()));

template <class F>
concept fake_function = std::is_pointer_v<F> || requires {
  &F::operator();
};

template <class Request>
result<message_ptr> as_message(result<reply_to<Request>> r) {
  if (!r) return r.error();
  return make_message<reply_to<Request>>(std::move(*r));
}

// What handler_of and subscription_of have in common. `Self` is copied, so that a scenario can be used again.
template <class Self, class Apis>
class scenario_with_fakes {
 public:
  // The answers of an operation: a function of its request, which returns its reply, an error or a result of them.
  template <fake_function F>
  Self given(F answer) const {
    using request = decltype(detail::parameter_of(std::declval<F>()));
    static_assert(std::is_convertible_v<std::invoke_result_t<F&, const request&>, result<reply_to<request>>>,
                  "a fake returns the reply of its request, an error, or a result of them");
    static_cast<void>(api_that_offers<request, Apis>::name());
    return changed([&](fake_services& f) {
      f.answer(type_of<request>(), [answer = std::move(answer)](message& m) mutable {
        return as_message<request>(answer(std::as_const(m.as<request>())));
      });
    });
  }
  // The same as values: replies or errors, one after the other; the last one is repeated.
  template <class Request, class... Replies>
  Self given(Replies... replies) const
    requires(sizeof...(Replies) > 0)
  {
    static_assert((std::is_convertible_v<Replies, result<reply_to<Request>>> && ...),
                  "what is given is a reply of this request, or an error");
    static_cast<void>(api_that_offers<Request, Apis>::name());
    std::vector<result<reply_to<Request>>> all{result<reply_to<Request>>{std::move(replies)}...};
    return changed([&](fake_services& f) {
      f.answer(type_of<Request>(), [all = std::move(all), next = std::size_t{0}](message&) mutable {
        auto answer = as_message<Request>(all[next]);
        if (next + 1 < all.size()) ++next;
        return answer;
      });
    });
  }
  // How long these answers take, in virtual time; timespan::max(): they never come, and none need be given.
  template <class Request>
  Self takes(timespan duration) const {
    static_cast<void>(api_that_offers<Request, Apis>::name());
    return changed([&](fake_services& f) { f.take(type_of<Request>(), duration); });
  }
  // The wall clock's time when the handler starts; default: the first of January 2026.
  Self at(instant now) const {
    auto s = static_cast<const Self&>(*this);
    s.now_ = now;
    return s;
  }

 protected:
  scenario_with_fakes() { offer_all(Apis{}); }
  fake_services fakes_;
  std::optional<instant> now_;

 private:
  template <class F>
  Self changed(F change) const {
    auto s = static_cast<const Self&>(*this);
    change(static_cast<scenario_with_fakes&>(s).fakes_);
    return s;
  }
  template <class... As>
  void offer_all(boost::mp11::mp_list<As...>) {
    (offer_operations<As>(typename As::operations{}), ...);
  }
  template <class Api, class... Ops>
  void offer_operations(operations<Ops...>) {
    (fakes_.offer(std::string{Api::name}, operation_of<Ops>(Api::name)), ...);
  }
};

// The requests of a run, for expectations.
template <class Self, class Apis>
class recorded_requests {
 public:
  // Exactly these requests, in this order: then_asked(get_products{{"A1"}}, place_order{...}); none: nobody was asked.
  template <class... Requests>
  const Self& then_asked(const Requests&... expected) const {
    boost::json::array all;
    (all.push_back(as_asked<Apis>(expected)), ...);
    expect_asked(asked_, all);
    return static_cast<const Self&>(*this);
  }
  // For other expectations.
  const std::vector<asked_request>& asked() const { return asked_; }
  // The requests of one operation.
  template <class Request>
  std::vector<Request> asked() const {
    const auto name = std::string{api_that_offers<Request, Apis>::name()} + "." + std::string{local_name<Request>()};
    std::vector<Request> found;
    for (const auto& a : asked_)
      if (a.operation == name) found.push_back(from_json<Request>(boost::json::serialize(a.request)).value());
    return found;
  }

 protected:
  explicit recorded_requests(std::vector<asked_request> asked) : asked_{std::move(asked)} {}

 private:
  std::vector<asked_request> asked_;
};

}  // namespace detail
}  // namespace banyan::test_kit
