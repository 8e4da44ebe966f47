// Names of types, enumerators, alternatives and optional members in JSON, known at compile time.
#pragma once

#include <banyan/core/message_type.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace banyan {

// Lists the members that may be missing: `static constexpr auto optional_fields = banyan::fields("note",
// "quantity");`
template <class... Names>
constexpr auto fields(Names... names) {
  return std::array<std::string_view, sizeof...(Names)>{names...};
}

// The stored name of a type (`static constexpr banyan::stored_as stored{"orders.placed", 1}`), independent of its
// C++ name, so that stored events stay readable after a rename; without a declaration the type's own name.
template <class T>
constexpr std::string_view stored_name() {
  if constexpr (requires { std::string_view{T::stored.type}; }) return T::stored.type;
  else if constexpr (std::same_as<T, std::string>) return "string";
  else return short_name<T>();
}

namespace detail {

template <class T>
concept described_struct = boost::describe::has_describe_members<T>::value;
template <class T>
concept described_enum = boost::describe::has_describe_enumerators<T>::value;

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <template <class...> class L, class... D>
constexpr auto names_in(L<D...>) {
  return std::array<std::string_view, sizeof...(D)>{D::name...};
}
template <class T, template <class...> class L, class... D>
constexpr auto values_in(L<D...>) {
  return std::array<T, sizeof...(D)>{D::value...};
}

template <described_enum T>
inline constexpr auto enumerator_names = names_in(boost::describe::describe_enumerators<T>{});
template <described_enum T>
inline constexpr auto enumerator_values = values_in<T>(boost::describe::describe_enumerators<T>{});
template <class... Ts>
inline constexpr std::array<std::string_view, sizeof...(Ts)> alternative_names{stored_name<Ts>()...};

template <std::size_t N>
constexpr bool all_distinct(const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (names[i] == names[j]) return false;
    }
  }
  return true;
}

template <std::size_t N>
constexpr bool is_among(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <described_struct T>
constexpr bool is_listed_optional([[maybe_unused]] std::string_view name) {
  if constexpr (requires { T::optional_fields; }) return is_among(name, T::optional_fields);
  else return false;
}

template <described_struct T>
constexpr bool optional_fields_exist() {
  if constexpr (requires { T::optional_fields; }) {
    const auto names = names_in(members_of<T>{});
    return std::all_of(T::optional_fields.begin(), T::optional_fields.end(), [&](std::string_view name) { return is_among(name, names); });
  } else {
    return true;
  }
}

}  // namespace detail
}  // namespace banyan
