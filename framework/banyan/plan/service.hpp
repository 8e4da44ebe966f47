// `service<orders_api>(patterns...)`: combines the patterns of one service into its plan, and checks at compile time
// what can be checked.
//
//   banyan::plan describe() {
//     return banyan::service<orders_api>(event_sourced<order>{.journal = "orders"},
//                                        sharded<order>{.entity = order_id_of},
//                                        ambassador<catalog_api>{.deadline = 800ms},
//                                        handles<checkout>{});
//   }
//
// Member types by which a pattern takes part in these checks:
//   using asks = type_list<payments_api>;    the services that its handlers ask: each needs a pattern with ...
//   using link_to = payments_api;            ... this: the link to that service
//   using sharded_aggregate = order;         needs a pattern with ...
//   using journalled_aggregate = order;      ... this
// The order of the patterns has no meaning. Problems that need the whole plan (names, unanswered operations) are
// found by plan::check.
#pragma once

#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/plan.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <concepts>

namespace banyan {

template <class Api>
concept service_api = requires {
  { Api::name } -> std::convertible_to<std::string_view>;
  typename Api::operations;
};

template <class... Ts>
using type_list = boost::mp11::mp_list<Ts...>;

namespace detail {

template <class P>
struct asks_of {
  using type = type_list<>;
};
template <class P>
  requires requires { typename P::asks; }
struct asks_of<P> {
  using type = typename P::asks;
};

template <class P>
struct link_of {
  using type = void;
};
template <class P>
  requires requires { typename P::link_to; }
struct link_of<P> {
  using type = typename P::link_to;
};

template <class P>
struct sharded_of {
  using type = void;
};
template <class P>
  requires requires { typename P::sharded_aggregate; }
struct sharded_of<P> {
  using type = typename P::sharded_aggregate;
};

template <class P>
struct journalled_of {
  using type = void;
};
template <class P>
  requires requires { typename P::journalled_aggregate; }
struct journalled_of<P> {
  using type = typename P::journalled_aggregate;
};

// Each rule is a struct, so that the compiler's error names the types.
template <class Asked, class Api, class... Ps>
struct an_ambassador_is_declared_for {
  static constexpr bool value = std::same_as<Asked, Api> || (std::same_as<typename link_of<Ps>::type, Asked> || ...);
  static_assert(value,
                "a handler of this service asks a service for which no ambassador is declared: add "
                "ambassador<that_api>{...} to service<...>(...)");
};

template <class A, class... Ps>
struct is_event_sourced_here {
  static constexpr bool value = std::is_void_v<A> || (std::same_as<typename journalled_of<Ps>::type, A> || ...);
  static_assert(value,
                "sharded<A> needs event_sourced<A> in the same service: add event_sourced<A>{.journal = \"...\"} to "
                "service<...>(...)");
};

template <class Api, class... Ps>
constexpr bool service_rules_hold() {
  bool ok = (is_event_sourced_here<typename sharded_of<Ps>::type, Ps...>::value && ...);
  using asked = boost::mp11::mp_append<type_list<>, typename asks_of<Ps>::type...>;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, asked>>(
      [&]<class T>(T) { ok = ok && an_ambassador_is_declared_for<typename T::type, Api, Ps...>::value; });
  return ok;
}

template <class Api, class... Ops>
void offer_all(plan& p, operations<Ops...>) {
  (p.offers(operation_of<Ops>(Api::name)), ...);
}

}  // namespace detail

template <class Api, class... Ps>
plan service(const Ps&... patterns) {
  static_assert(service_api<Api>,
                "an API needs `static constexpr std::string_view name` and `using operations = "
                "banyan::operations<op<...>, ...>`");
  static_assert((pattern<Ps> && ...),
                "service<...>(...) takes patterns, such as handles<f>{} or event_sourced<A>{...}: put this into one");
  static_assert(detail::service_rules_hold<Api, Ps...>());
  plan p{std::string{Api::name}};
  detail::offer_all<Api>(p, typename Api::operations{});
  (patterns.contribute(p), ...);
  if constexpr ((std::copy_constructible<Ps> && ...))
    p.declared_by([patterns...] { return service<Api>(patterns...); });
  return p;
}

}  // namespace banyan
