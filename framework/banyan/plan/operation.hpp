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
// What a caller that must know the outcome of a lost answer needs (a saga, saga/step_policy.hpp) belongs to the
// operation too: which query finds it out, and how long its command ids are remembered.
//
//   struct charge_status { std::string state; std::string charge; };  // "unknown", "pending", "charged", "declined"
//   std::optional<result<charged>> outcome_of(const charge&, const charge_status&);
//
//   op<charge, idempotent::by_key, known_by<get_charge, &get_charge::of, &outcome_of>, remembered_days<30>>
//
// A change of layout that the tolerant codec (json.hpp) does not bridge needs a new version. plan/schema.hpp
// compares names, versions and layouts with a lock file kept beside the source.
#pragma once

#include <banyan/core/message_codec.hpp>
#include <banyan/core/message_type.hpp>
#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
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

// A part of op<...>: the query of the same API, idempotent::always, that finds out what became of a request whose
// answer was lost. `QueryOf` makes the query: `static get_charge of(const charge&)`. `OutcomeOf` reads its reply: no
// value, the outcome is not known yet; a result, it is that. `not_found`, also as the answer of the query itself, means
// that the service knows nothing of the request; it proves that the request was not applied once it has expired.
template <class Query, auto QueryOf, auto OutcomeOf>
struct known_by {
  using query = Query;
  static constexpr auto query_of = QueryOf;
  static constexpr auto outcome_of = OutcomeOf;
};

// A part of op<...>: how long the service remembers command ids (idempotent::by_key). Without it: seven days, which is
// what a journal keeps (journal/journal.hpp, forget_commands).
template <int Days>
struct remembered_days {
  static_assert(Days >= 1, "command ids are remembered for at least a day");
};
inline constexpr int default_remembered_days = 7;

namespace detail {
template <class Part>
struct known_by_part {
  using type = void;
  static constexpr bool is_one = false;
};
template <class Query, auto QueryOf, auto OutcomeOf>
struct known_by_part<known_by<Query, QueryOf, OutcomeOf>> {
  using type = known_by<Query, QueryOf, OutcomeOf>;
  static constexpr bool is_one = true;
};
template <class Part>
inline constexpr int days_of = 0;
template <int Days>
inline constexpr int days_of<remembered_days<Days>> = Days;

// void: none.
template <class... Parts>
struct known_by_in {
  using type = void;
};
template <class First, class... Rest>
struct known_by_in<First, Rest...> {
  using type = std::conditional_t<known_by_part<First>::is_one, typename known_by_part<First>::type,
                                  typename known_by_in<Rest...>::type>;
};

template <class Request, class K>
constexpr bool finds_out() {
  if constexpr (std::is_void_v<K>) {
    return true;
  } else {
    return requires(const Request& r, const reply_to<typename K::query>& s) {
      { K::query_of(r) } -> std::same_as<typename K::query>;
      { K::outcome_of(r, s) } -> std::same_as<std::optional<result<reply_to<Request>>>>;
    };
  }
}
template <class K, class... Ops>
constexpr bool is_asked_freely() {
  if constexpr (std::is_void_v<K>)
    return true;
  else
    return ((std::is_same_v<typename Ops::request, typename K::query> && Ops::how == idempotent::always) || ...);
}
}  // namespace detail

template <class Request, idempotent How = idempotent::never, class... Parts>
struct op {
  using request = Request;
  using reply = reply_to<Request>;
  using known_by = typename detail::known_by_in<Parts...>::type;  // void: none
  static constexpr idempotent how = How;
  static constexpr int remembered_days = (detail::days_of<Parts> + ... + 0);  // 0: the default

  static_assert(((detail::known_by_part<Parts>::is_one || detail::days_of<Parts> > 0) && ...),
                "the parts of an operation are known_by<query, &query::of, &outcome_of> and remembered_days<n>");
  static_assert(detail::finds_out<Request, known_by>(),
                "known_by<query, &query::of, &outcome_of> needs `static query query::of(const request&)` and "
                "`std::optional<result<reply>> outcome_of(const request&, const query::reply&)`");
};

template <class... Ops>
struct operations {
  static_assert((detail::is_asked_freely<typename Ops::known_by, Ops...>() && ...),
                "the query of known_by<...> is an operation of the same API that is idempotent::always: it is asked "
                "until the outcome is known");
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

// known_by at run time. Values are JSON, so that a restarted program can settle a request from its record.
struct outcome_query {
  std::string operation;  // wire name of the query, "payments.get_charge"
  // The query about a request. invalid_argument: the request does not decode.
  result<std::string> (*query_of)(std::string_view request) = nullptr;
  // What the query's reply says of the request: {"ok":reply}, {"error":...}; empty: not known yet.
  // invalid_argument: one of them does not decode.
  result<std::string> (*outcome_in)(std::string_view request, std::string_view reply) = nullptr;
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
  std::optional<outcome_query> known_by = {};
  timespan remembered = std::chrono::hours{24 * default_remembered_days};  // its command ids
};

}  // namespace banyan
