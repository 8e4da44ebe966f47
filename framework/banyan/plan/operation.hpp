// What a service offers to others: named operations with their request and reply types. Idempotency belongs to the
// operation.
//
//   struct payments_api {
//     static constexpr std::string_view name = "payments";
//     using operations = banyan::operations<banyan::op<charge, banyan::idempotent::by_key>,
//                                           banyan::op<get_charge, banyan::idempotent::always>>;
//   };
//
// A request names its reply: `struct charge { using reply = charged; ... };`
//
// An operation has a wire name, which other nodes know it by, and a version: "payments.charge" 1. The name is that of
// the service and of the struct. Once it is used between programs it must not change with the struct, so a struct that
// is renamed keeps it:
//
//   struct charge_card {                       // was `charge`
//     using reply = charged;
//     static constexpr banyan::sent_as sent{"charge"};
//   };
//
// A change of layout that the tolerant codec (json.hpp) does not bridge gets a new version. plan/schema.hpp compares
// the names, versions and layouts of a program with a list that is kept with its source.
#pragma once

#include <banyan/core/message_codec.hpp>
#include <banyan/core/message_type.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace banyan {

// May the same request be sent twice?
enum class idempotent : std::uint8_t {
  never,   // no: a retry could do it twice
  by_key,  // yes, with the same command id: the second answer is the first one's
  always,  // yes: it changes nothing, or sets what it is told
};
std::string_view to_string(idempotent i);

// The name within its service, and the version, under which a request travels.
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

// The wire name without the service: "charge". Command ids derive from it, so that a retry has the same ids in every
// version of a program.
template <class Request>
constexpr std::string_view local_name() {
  return detail::sent_as_of<Request>().name;
}

// What makes a command the same one whoever sends it, for a struct with `std::string idempotency_key() const`; empty
// for others.
template <class Request>
std::string natural_key_of(const Request& r) {
  if constexpr (requires { r.idempotency_key(); })
    return r.idempotency_key();
  else
    return {};
}

template <class Request, idempotent How = idempotent::never>
struct op {
  using request = Request;
  using reply = typename Request::reply;
  static constexpr idempotent how = How;
};

template <class... Ops>
struct operations {
  template <class Request>
  static constexpr bool offers = (std::is_same_v<typename Ops::request, Request> || ...);
  // How of the operation with this request; never when it is not offered.
  template <class Request>
  static constexpr idempotent how() {
    auto found = idempotent::never;
    ((std::is_same_v<typename Ops::request, Request> ? void(found = Ops::how) : void()), ...);
    return found;
  }
};

// The same at run time: all that a link, a node, a retry or a tool needs of it. Made by describe_operation()
// (describe_operation.hpp).
struct operation {
  std::string name;                  // wire name, "payments.charge"
  int version = 1;
  const message_type* request = nullptr;
  const message_type* reply = nullptr;
  idempotent how = idempotent::never;
  const message_codec* request_codec =
      nullptr;  // null: the struct is not described, so the operation is answered on its own node only
  const message_codec* reply_codec = nullptr;
};

}  // namespace banyan
