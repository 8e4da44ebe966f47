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

// The text by which two requests are compared: their JSON, or `std::string identity() const` of the struct.
template <class Request>
std::string identity_of(const Request& r) {
  if constexpr (requires { r.identity(); })
    return r.identity();
  else
    return to_json(r);
}

}  // namespace banyan
