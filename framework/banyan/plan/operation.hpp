// Operations: the named requests that a service offers, with request and reply type and idempotency.
//
//   struct payments_api {
//     static constexpr std::string_view name = "payments";
//     using operations = banyan::operations<banyan::op<charge, banyan::idempotent::by_key>,
//                                           banyan::op<get_charge, banyan::idempotent::always>>;
//   };
//
// A request declares its reply: `struct charge { using reply = charged; ... };`
//
// An operation has a wire name, by which other nodes know it, and a version: "payments.charge" 1. The name consists
// of the service's and the struct's. Other programs depend on it, so a renamed struct keeps it:
//
//   struct charge_card {                       // was `charge`
//     using reply = charged;
//     static constexpr banyan::sent_as sent{"charge"};
//   };
//
// A change of layout that the tolerant codec (json.hpp) does not bridge needs a new version. plan/schema.hpp
// compares names, versions and layouts with a lock file kept beside the source.
#pragma once

#include <banyan/core/message_codec.hpp>
#include <banyan/core/message_type.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace banyan {

// Whether a request may be sent twice.
enum class idempotent : std::uint8_t {
  never,   // no: a retry could repeat the effect
  by_key,  // yes, with the same command id: it gets the first answer
  always,  // yes: it only reads, or sets a value
};
std::string_view to_string(idempotent i);

// The name within its service, and the version, under which a request is sent.
struct sent_as {
  std::string_view name;
  int version = 1;
};

namespace detail {
template <class Request>
constexpr sent_as sent_as_of() {
  if constexpr (requires { Request::sent; })
    return Request::sent;
  else
    return {short_name<Request>(), 1};
}
}  // namespace detail

// The wire name without the service: "charge". Command ids are derived from it, so that a retry has the same ids in
// every version of a program.
template <class Request>
constexpr std::string_view local_name() {
  return detail::sent_as_of<Request>().name;
}

// A struct's own `std::string idempotency_key() const`, which identifies a command whoever sends it; empty for other
// structs.
template <class Request>
std::string natural_key_of(const Request& r) {
  if constexpr (requires { r.idempotency_key(); })
    return r.idempotency_key();
  else
    return {};
}

namespace detail {
template <class Request>
concept names_its_reply = requires { typename Request::reply; };

template <class Request>
struct checked_reply {
  static_assert(names_its_reply<Request>,
                "a request names its reply: `struct get_quote { using reply = quote; ... };`");
  using type = typename Request::reply;
};
}  // namespace detail

// The reply of a request.
template <class Request>
using reply_to = typename detail::checked_reply<Request>::type;

template <class Request, idempotent How = idempotent::never>
struct op {
  using request = Request;
  using reply = reply_to<Request>;
  static constexpr idempotent how = How;
};

template <class... Ops>
struct operations {
  template <class Request>
  static constexpr bool offers = (std::is_same_v<typename Ops::request, Request> || ...);
  // Idempotency of the operation with this request; `never` when it is not offered.
  template <class Request>
  static constexpr idempotent how() {
    auto found = idempotent::never;
    ((std::is_same_v<typename Ops::request, Request> ? void(found = Ops::how) : void()), ...);
    return found;
  }
};

// The run-time descriptor of an operation, for links, nodes, retries and tools. Made by describe_operation()
// (describe_operation.hpp).
struct operation {
  std::string name;                  // wire name, "payments.charge"
  int version = 1;
  const message_type* request = nullptr;
  const message_type* reply = nullptr;
  idempotent how = idempotent::never;
  const message_codec* request_codec =
      nullptr;  // null: not described, so the operation is only callable on its own node
  const message_codec* reply_codec = nullptr;
};

}  // namespace banyan
