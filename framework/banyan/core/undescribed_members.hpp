// Whether a described struct has a member that BOOST_DESCRIBE_STRUCT does not list: JSON would lose its value.
//
// Found for aggregates without base classes whose listed members are in the order of their declaration; elsewhere the
// answer is no.
#pragma once

#include <banyan/core/json_names.hpp>

#include <boost/mp11/list.hpp>

#include <type_traits>
#include <utility>

namespace banyan::detail {

using boost::mp11::mp_list;

// Converts to base classes of T only.
template <class T>
struct only_a_base_of {
  template <class B>
    requires(std::is_base_of_v<B, T> && !std::is_same_v<B, T>)
  operator B() const;
};

template <class T>
concept has_bases = requires { T{only_a_base_of<T>{}}; };

// Whether T can be initialised with its listed members and one more, in one of the places between them.
template <class T, class... Before, class... After>
constexpr bool takes_one_more(mp_list<Before...>, mp_list<After...> after) {
  if constexpr (requires { T{std::declval<Before>()..., {}, std::declval<After>()...}; })
    return true;
  else if constexpr (sizeof...(After) > 0)
    return takes_one_more<T>(mp_list<Before..., boost::mp11::mp_front<decltype(after)>>{},
                             boost::mp11::mp_pop_front<decltype(after)>{});
  else
    return false;
}

template <class T, template <class...> class L, class... D>
constexpr bool takes_more_than(L<D...>) {
  return takes_one_more<T>(mp_list<>{}, mp_list<std::remove_reference_t<decltype(std::declval<T&>().*D::pointer)>...>{});
}

template <described_struct T>
constexpr bool has_undescribed_members() {
  if constexpr (std::is_aggregate_v<T> && !has_bases<T>)
    return takes_more_than<T>(members_of<T>{});
  else
    return false;
}

}  // namespace banyan::detail
