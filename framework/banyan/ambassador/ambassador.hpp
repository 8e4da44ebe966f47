// `ambassador<payments_api>{.deadline = 800ms}`: the link for all calls of a service to another one, or to an HTTP API
// outside the application. A handler that asks a service without an ambassador does not compile.
//
//   ambassador<acquirer_api>{.deadline = 3s, .limit = bulkhead_options{.concurrency = 32, .queue = 64},
//                            .breaker = circuit_breaker{.failure_rate = 0.5, .open_for = 5s},
//                            .retry = retry_options{.attempts = 3},
//                            .over = http_upstream{.to = "http://127.0.0.1:8090",
//                                                  .calls = {call<get_charge>("GET /charges/{key}")}}}
//
// The parts of a link form a chain in a fixed order, whatever the order in which they are written; `describe` prints
// it. From outside in:
//   deadline          of the whole call; the caller's own also applies. It travels with the call.
//   rate              a token bucket: beyond it `exhausted`, "rate_limited"
//   limit             a bulkhead: calls in flight, and a bounded queue; beyond them `exhausted`, "too_many_calls".
//                     `adapt` lowers it to what the callee can take
//   breaker           over the results of whole calls: while it is open, `unavailable`, "circuit_open"
//   retry, hedge      further attempts for calls that may be sent twice, together within `budget`
//   and per attempt:
//   balance, ejection which endpoint, and which are left out for a while
//   endpoint_breaker  a breaker of its own for each endpoint. What it refuses is tried at another endpoint only
//   transport         an actor of this node, another node, or HTTP
//
// The absent parts cost nothing. Each call and each attempt is counted and timed (link_metrics.hpp).
#pragma once

#include <banyan/ambassador/adaptive_limit.hpp>
#include <banyan/ambassador/balancer.hpp>
#include <banyan/ambassador/bulkhead.hpp>
#include <banyan/ambassador/hedge.hpp>
#include <banyan/ambassador/outlier_detector.hpp>
#include <banyan/ambassador/retry_budget.hpp>
#include <banyan/ambassador/retry_policy.hpp>
#include <banyan/ambassador/token_bucket.hpp>
#include <banyan/circuit_breaker/circuit_breaker.hpp>
#include <banyan/http/http_upstream.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/context.hpp>

#include <functional>
#include <optional>
#include <type_traits>
#include <vector>

namespace banyan {

// The answer of a link to a call that it can not complete: from a cache, or a default.
struct link_fallback {
  const message_type* request = nullptr;
  std::function<result<message_ptr>(message& request, const error& why)> answer;
};

// `fallback<get_price>([](const get_price& q, const error& why) -> result<price> { ... })`. Asked when the call failed
// or was refused by a part of the link, not for an answer such as not_found.
template <class Request, class F>
link_fallback fallback(F f) {
  static_assert(std::is_invocable_r_v<result<reply_to<Request>>, F&, const Request&, const error&>,
                "a fallback is a function of the request and of the error: it returns the request's reply, an error, "
                "or a result of them");
  return {type_of<Request>(), [f = std::move(f)](message& request, const error& why) -> result<message_ptr> {
            result<reply_to<Request>> instead = f(std::as_const(request.as<Request>()), why);
            if (!instead) return std::move(instead.error());
            return make_message<reply_to<Request>>(std::move(*instead));
          }};
}

// The parts of a link.
struct link_parts {
  timespan deadline = std::chrono::seconds{1};
  timespan attempt_deadline = timespan::max();  // of one attempt; max: that of the call
  std::optional<rate_limit_options> rate = {};
  std::optional<bulkhead_options> limit = {};
  std::optional<adaptive_limit_options> adapt = {};
  std::optional<circuit_breaker> breaker = {};
  std::optional<retry_options> retry = {};
  retry_budget_options budget = {};
  std::optional<hedge_options> hedge = {};
  balancer_options balance = {};
  std::optional<outlier_options> ejection = {};
  std::optional<circuit_breaker> endpoint_breaker = {};
  std::vector<link_fallback> fallbacks = {};
  std::optional<http_upstream> over = {};
};

struct link_spec {
  std::string from, to;               // services
  std::vector<operation> operations;  // of the API: name, request and idempotency; codecs only of calls over HTTP
  link_parts parts;
};

result<void> install(const link_spec& spec, assembly& a);

// The options that may change while calls are under way. They refer to `parts`.
std::vector<option> changeable_options(link_parts& parts);

// What does not fit together in them, a sentence each; `check` reports it, and changes while calls are under way are
// refused for it.
std::vector<std::string> problems_of(const link_parts& parts);

// The parts in their order, one line each: "retry: 3 attempts, back-off 25ms to 1s, ..."
std::vector<std::string> chain_of(const link_parts& parts);

namespace detail {
void contribute_link(plan& p, std::string to, std::vector<operation> operations, const link_parts& parts);

// Without codecs: a link to a service of the application takes them from the directory.
template <class... Ops>
std::vector<operation> name_all([[maybe_unused]] std::string_view service, operations<Ops...>) {
  return {operation{std::string{service} + "." + std::string{local_name<typename Ops::request>()},
                    sent_as_of<typename Ops::request>().version, type_of<typename Ops::request>(), nullptr,
                    Ops::how}...};
}
}  // namespace detail

template <class Api>
struct ambassador {
  static_assert(service_api<Api>,
                "an ambassador is for an API: a struct with `static constexpr std::string_view name` and `using "
                "operations = ...`");
  using link_to = Api;
  timespan deadline = std::chrono::seconds{1};   // for the whole call; the caller's own deadline also applies
  timespan attempt_deadline = timespan::max();   // for one attempt; max: that of the call
  std::optional<rate_limit_options> rate = {};
  std::optional<bulkhead_options> limit = {};
  std::optional<adaptive_limit_options> adapt = {};  // needs `limit`
  std::optional<circuit_breaker> breaker = {};
  std::optional<retry_options> retry = {};
  retry_budget_options budget = {};
  std::optional<hedge_options> hedge = {};
  balancer_options balance = {};
  std::optional<outlier_options> ejection = {};
  std::optional<circuit_breaker> endpoint_breaker = {};
  std::vector<link_fallback> fallbacks = {};
  std::optional<http_upstream> over = {};        // an API outside the application; unless a service of the
                                                 // application has its name (a test's, say): then that is asked

  void contribute(plan& p) const {
    detail::contribute_link(p, std::string{Api::name}, detail::name_all(Api::name, typename Api::operations{}),
                            {deadline, attempt_deadline, rate, limit, adapt, breaker, retry, budget, hedge, balance,
                             ejection, endpoint_breaker, fallbacks, over});
  }
};

}  // namespace banyan
