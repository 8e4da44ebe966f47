// The run-time identity of a message type: one object per type and process. Its address is the key (dispatch,
// directories), its name is for people.
#pragma once

#include <string_view>

namespace banyan {

struct message_type {
  std::string_view name;  // as the compiler spells it
};

namespace detail {
template <class M>
constexpr std::string_view spelled_name() {
  // "... [with M = shop::place_order; ...]" (g++), "... [M = shop::place_order]" (clang).
  std::string_view text = __PRETTY_FUNCTION__;
  auto from = text.find("M = ") + 4;
  return text.substr(from, text.find_first_of(";]", from) - from);
}
template <class M>
inline constexpr message_type type_object{spelled_name<M>()};
}  // namespace detail

template <class M>
constexpr const message_type* type_of() {
  return &detail::type_object<M>;
}

namespace detail {
constexpr std::string_view without_namespaces(std::string_view name) {
  const auto colon = name.substr(0, name.find('<')).rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}
template <class M>
inline constexpr std::string_view short_name_of = without_namespaces(spelled_name<M>());
}  // namespace detail

// The name without namespaces: "place_order". For a type known at compile time it is a constant.
template <class M>
constexpr std::string_view short_name() {
  return detail::short_name_of<M>;
}
constexpr std::string_view short_name(const message_type& type) { return detail::without_namespaces(type.name); }

}  // namespace banyan
