// Makes the descriptor of an operation from its request type. Apart from operation.hpp because it includes the
// codecs of both messages.
//
//   operation o = describe_operation<charge>("payments", idempotent::by_key);   // "payments.charge" 1
#pragma once

#include <banyan/core/message_codec_of.hpp>
#include <banyan/plan/operation.hpp>

namespace banyan {

template <class Request>
operation describe_operation(std::string_view service, idempotent how = idempotent::never) {
  constexpr auto sent = detail::sent_as_of<Request>();
  return {std::string{service} + "." + std::string{sent.name},
          sent.version,
          type_of<Request>(),
          type_of<typename Request::reply>(),
          how,
          codec_of<Request>(),
          codec_of<typename Request::reply>()};
}

namespace detail {
template <class Request, class K>
outcome_query describe_query(std::string_view service) {
  using query = typename K::query;
  static_assert(can_travel<Request> && can_travel<query> && can_travel<reply_to<Request>> &&
                    can_travel<reply_to<query>>,
                "the outcome of a request is found out from its record: describe the request, the query of "
                "known_by<...> and their replies with BOOST_DESCRIBE_STRUCT");
  return {std::string{service} + "." + std::string{local_name<query>()},
          [](std::string_view request) -> result<std::string> {
            const auto asked = from_json<Request>(request);
            if (!asked) return asked.error();
            const query about = K::query_of(*asked);
            return to_json(about);
          },
          [](std::string_view request, std::string_view reply) -> result<std::string> {
            const auto asked = from_json<Request>(request);
            if (!asked) return asked.error();
            const auto told = from_json<reply_to<query>>(reply);
            if (!told) return told.error();
            const std::optional<result<reply_to<Request>>> found = K::outcome_of(*asked, *told);
            if (!found) return std::string{};
            return *found ? R"({"ok":)" + to_json(**found) + "}" : R"({"error":)" + to_json(found->error()) + "}";
          }};
}
}  // namespace detail

// The descriptor of an operation as its API declares it, with the parts of op<...>.
template <class Op>
operation operation_of(std::string_view service) {
  auto o = describe_operation<typename Op::request>(service, Op::how);
  if constexpr (!std::is_void_v<typename Op::known_by>)
    o.known_by = detail::describe_query<typename Op::request, typename Op::known_by>(service);
  if constexpr (Op::remembered_days > 0) o.remembered = std::chrono::hours{24 * Op::remembered_days};
  return o;
}

// The text by which two requests are compared: their JSON, or `std::string identity() const` of the struct.
template <class Request>
std::string identity_of(const Request& r) {
  if constexpr (requires { r.identity(); })
    return r.identity();
  else
    return to_json(r);
}

}  // namespace banyan
