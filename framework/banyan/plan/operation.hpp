// What a service offers to others: named operations with their request and reply types. Idempotency belongs to the operation.
//
//   struct payments_api {
//     static constexpr std::string_view name = "payments";
//     using operations = banyan::operations<banyan::op<charge, banyan::idempotent::by_key>,
//                                           banyan::op<get_charge, banyan::idempotent::always>>;
//   };
//
// A request names its reply: `struct charge { using reply = charged; ... };`
#pragma once

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
};

// The same at run time.
struct operation {
  std::string name;                  // "payments.charge"
  const message_type* request = nullptr;
  const message_type* reply = nullptr;
  idempotent how = idempotent::never;
};

namespace detail {
template <class Op>
operation describe_operation(std::string_view service) {
  return {std::string{service} + "." + std::string{short_name<typename Op::request>()}, type_of<typename Op::request>(),
          type_of<typename Op::reply>(), Op::how};
}
}  // namespace detail

}  // namespace banyan
