// The context of a service's handler: asks other services, gives the time and the data of the request. The APIs it
// may ask are part of its type, so a missing ambassador is a compile error:
//
//   task<result<order_reply>> checkout(context<catalog_api, orders_api> ctx, const checkout_request& m) {
//     result<product> p = co_await ctx.ask<catalog_api, get_product>(m.sku);
//     if (!p) co_return p.error();
//     co_return co_await ctx.ask<orders_api, place_order>(m.order, m.sku, p->price);  // place_order{...}
//   }
//
// A handler takes its context by value (it lives in the coroutine's frame) and its message by const reference (it
// lives as long as the request). Every ask carries the remaining deadline, the trace, and a command id derived from
// the handler's own: a retry of the whole request repeats the same ids, so nothing is done twice.
//
// When a caller gives up (its handler ended, or its deadline passed), requests of it that have not begun are
// dropped. Begun ones are destroyed at their next wait if the operation is idempotent::always, and so are their own
// calls; other operations are completed, because half of a command would be done.
#pragma once

#include <banyan/actor/actor.hpp>
#include <banyan/plan/operation.hpp>
#include <banyan/service/directory.hpp>
#include <banyan/service/service_link.hpp>

#include <boost/mp11/list.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

// The deadline of a service's calls to its own operations.
inline constexpr std::chrono::seconds own_link_deadline{5};

// Data shared by all handlers of a service; made by the runtime before they start.
struct service_scope {
  std::string service;
  const banyan::directory* directory = nullptr;
  std::map<std::string, std::shared_ptr<service_link>, std::less<>> links;  // by service name
  std::shared_ptr<service_link> own;                                        // for asking the service's own operations
};

class context_base {
 public:
  context_base(actor_host& host, const service_scope& scope) : context_base{host, scope, host.context()} {}
  context_base(actor_host& host, const service_scope& scope, context_ptr received)
      : host_{host}, scope_{scope}, received_{std::move(received)} {}

  instant now() const { return host_.now(); }
  monotonic deadline() const { return host_.deadline(); }
  // Ids that are the same in every retry of the command.
  uuid new_id() { return derive(command_id(), ++derived_, "id"); }
  // The id of the command being handled; a new one when the caller gave none.
  uuid command_id();
  const context_ptr& caller_context() const { return received_; }

 protected:
  message_ptr prepare(message_ptr request, std::string_view operation, std::string_view natural_key, idempotent how);
  service_link& link_to(std::string_view service) const;

  actor_host& host_;
  const service_scope& scope_;

 private:
  context_ptr received_;
  uuid command_;
  std::uint64_t derived_ = 0;
};

namespace detail {
template <class Request, class... Args>
inline constexpr bool is_made_of =
    requires { Request{std::declval<Args>()...}; } || std::is_constructible_v<Request, Args...>;
}  // namespace detail

template <class... Apis>
class context : public context_base {
 public:
  using apis = boost::mp11::mp_list<Apis...>;
  using context_base::context_base;

  // The request is built from the arguments, or is a variable: `ask<orders_api, place_order>(order)`. A temporary
  // that owns memory does not compile, as the request or as a member (see actor/task.hpp); give(order) moves a
  // variable.
  template <class Api, class Request, class... Args>
  link_awaiter<reply_to<Request>> ask(Args&&... args) {
    check<Api, Request>();
    static_assert(detail::is_made_of<Request, decltype(detail::argument<Args>(args))...>,
                  "the request can not be made of these arguments: pass the values of its members in their order, or "
                  "a variable of its type");
    static_assert((detail::is_safe_in_co_await<Args> && ...),
                  "give this argument a name on the line before and pass that (to move it: give(name)): g++ 12 destroys an aggregate temporary "
                  "that owns memory twice when it is made inside a co_await expression");
    auto request = make_request<Api, Request>(detail::argument<Args>(args)...);
    return {host_, link_to(Api::name), *scope_.directory, std::move(request)};
  }

  // Sends all requests concurrently; the answers are in the order of the requests.
  template <class Api, class Request>
  task<std::vector<result<typename Request::reply>>> ask_all(std::vector<Request> requests) {
    check<Api, Request>();
    using awaiter = link_awaiter<typename Request::reply>;
    std::vector<std::unique_ptr<awaiter>> under_way;
    for (auto& r : requests) {
      auto request = make_request<Api, Request>(std::move(r));
      under_way.push_back(std::make_unique<awaiter>(host_, link_to(Api::name), *scope_.directory, std::move(request)));
    }
    std::vector<result<typename Request::reply>> answers;
    for (auto& a : under_way) {
      awaiter& one = *a;
      answers.push_back(co_await one);
    }
    co_return answers;
  }

 private:
  template <class Api, class Request>
  static constexpr void check() {
    static_assert((std::is_same_v<Api, Apis> || ...),
                  "this handler may not ask that service: add its API to the handler's context<...>");
    static_assert(Api::operations::template offers<Request>,
                  "the API does not offer this operation: add op<...> to the `operations` of the API, or ask the API "
                  "that offers it");
  }
  template <class Api, class Request, class... Args>
  message_ptr make_request(Args&&... args) {
    auto request = make_message<Request>(std::forward<Args>(args)...);
    auto key = natural_key_of(request->template as<Request>());
    return prepare(std::move(request), local_name<Request>(), key, Api::operations::template how<Request>());
  }
};

namespace detail {
template <class C>
inline constexpr bool is_context = false;
template <class... Apis>
inline constexpr bool is_context<context<Apis...>> = true;
}  // namespace detail

}  // namespace banyan
