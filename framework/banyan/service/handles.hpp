// `handles<checkout>{}`: an operation answered by a plain function of the service, stateless between requests.
//
//   task<result<order_reply>> checkout(context<catalog_api, orders_api> ctx, const checkout_request& m);  // waits
//   result<quote> quote_price(context<> ctx, const get_quote& m);  // synchronous
//
// The signature declares which operation it answers and which services it may ask. An exception fails its own
// request (`internal`) only.
//
// A message may have a stateless validation: `static result<void> validate(const message& m)`. The edge calls it
// before it stores an Idempotency-Key, so that a corrected request can reuse the key. The handler must refuse the
// same requests itself, because not all callers come through the edge.
#pragma once

#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/context.hpp>
#include <banyan/service/traced.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>

namespace banyan {

// What the runtime starts: workers that share one handler.
struct handler_spec {
  std::string operation;
  const message_type* request = nullptr;
  int workers = 2;
  // Adds the handler to a worker's behaviour.
  std::function<void(behavior&, actor_host&, const service_scope&)> install;
  std::function<result<void>(message&)> validate = {};  // the message's validation; empty: none
};

// assembly/install_handles.cpp
result<void> install(const handler_spec& spec, assembly& a);
// One worker. `spec` and `scope` must outlive it.
std::unique_ptr<actor> make_worker(const handler_spec& spec, const service_scope& scope);

namespace detail {

template <class F>
struct handler_signature {
  static_assert(!std::is_same_v<F, F>,
                "a handler is a function of a context and a message: `result<reply> f(context<...> ctx, const "
                "message& m)`");
};
template <class R, class C, class M>
struct handler_signature<R (*)(C, M)> {
  using returned = R;
  using context_type = std::remove_cvref_t<C>;
  using message = std::remove_cvref_t<M>;
  static_assert(!std::is_reference_v<C>,
                "a handler takes its context by value, as it must live as long as the coroutine: write `context<...> "
                "ctx`, without &");
  static_assert(is_context<context_type>,
                "a handler's first parameter is its context, by value: `context<...> ctx`; the message is the second");
  static_assert(std::is_lvalue_reference_v<M> && std::is_const_v<std::remove_reference_t<M>>,
                "a handler takes its message by const reference: write `const message& m`");
};
template <class R, class C, class M>
struct handler_signature<R (*)(C, M) noexcept> : handler_signature<R (*)(C, M)> {};

template <class R>
struct answered_with {
  using type = R;
};
template <class T>
struct answered_with<task<T>> : answered_with<T> {};
template <class T>
struct answered_with<result<T>> : answered_with<T> {};
template <>
struct answered_with<void> {
  using type = done;
};

template <class Message>
concept names_a_check = requires { requires !std::is_member_object_pointer_v<decltype(&Message::validate)>; };
template <class Message>
concept checks_itself = requires(const Message& m) {
  { Message::validate(m) } -> std::same_as<result<void>>;
};
template <class Returned, class Message>
constexpr bool answers() {
  if constexpr (names_its_reply<Message>)
    return std::is_same_v<typename answered_with<Returned>::type, typename Message::reply>;
  else
    return true;  // distinct
}

}  // namespace detail

template <auto Handle>
struct handles {
  using signature = detail::handler_signature<decltype(Handle)>;
  static_assert(detail::names_its_reply<typename signature::message>,
                "a request names its reply: `struct get_quote { using reply = quote; ... };`");
  static_assert(detail::answers<typename signature::returned, typename signature::message>(),
                "the handler returns another type than its message's `reply`: make it result<reply>, reply, or a "
                "task of one of them");
  static_assert(!detail::names_a_check<typename signature::message> || detail::checks_itself<typename signature::message>,
                "a check of a message must be a static `result<void> validate(const message&)`: declare it so");
  using asks = typename signature::context_type::apis;
  int workers = 2;
  std::string name = {};

  void contribute(plan& p) const {
    using request = typename signature::message;
    auto operation = std::string{local_name<request>()};
    const auto named = name.empty() ? operation : name;
    auto spec = p.add<handler_spec>("handles", named, phase::routing);
    spec->operation = operation;
    spec->request = type_of<request>();
    spec->workers = workers;
    spec.option("workers", &handler_spec::workers, {.min = 1, .max = 1024}).installed_by(&banyan::install);
    spec->install = [](behavior& b, actor_host& host, const service_scope& scope) {
      b.add_handler<request>([&host, &scope](const request& m) {
        return traced<typename signature::context_type>(host, scope, local_name<request>(), m, Handle);
      });
    };
    if constexpr (detail::checks_itself<request>) spec->validate = [](message& m) { return request::validate(m.as<request>()); };
    p.implements(describe_operation<request>(p.service()), "handles." + named);
  }
};

}  // namespace banyan
