// `required<"journal", std::string>`: a mandatory option. Omitting it is a compile error that names it.
//
//   struct kept { required<"journal", std::string> journal; int snapshot_every = 100; };
//   kept pattern{.journal = "orders"};
//
// kept{.snapshot_every = 50} does not compile: "a mandatory option is not set: write `.name = ...`".
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace banyan {

template <std::size_t N>
struct fixed_text {
  char text[N]{};
  constexpr fixed_text(const char (&from)[N]) { std::copy_n(from, N, text); }
  constexpr std::string_view view() const { return {text, N - 1}; }
};

template <fixed_text Name, class T>
class required {
 public:
  template <class U>
    requires(!std::same_as<std::remove_cvref_t<U>, required>)
  constexpr required(U&& value) : value_{checked(std::forward<U>(value))} {}

  // From braces: `http_routes{.routes = {command<place_order>("POST /orders"), query<order_by_id>("GET
  // /orders/{id}")}}`.
  template <class E>
    requires std::constructible_from<T, std::initializer_list<E>>
  constexpr required(std::initializer_list<E> values) : value_(values) {}

  template <class Unset = void>
  constexpr required() {
    static_assert(!std::same_as<Unset, void>,
                  "a mandatory option is not set: write `.name = ...` with the name that is in the "
                  "required<\"name\", ...> of this message");
  }

  constexpr const T& operator*() const { return value_; }
  constexpr const T* operator->() const { return &value_; }
  constexpr operator const T&() const { return value_; }
  static constexpr std::string_view name() { return Name.view(); }

 private:
  template <class U>
  static constexpr T checked(U&& value) {
    static_assert(std::constructible_from<T, U>,
                  "a mandatory option has a value of another type: give it one of the type that is in the "
                  "required<\"name\", type> of this message");
    return T(std::forward<U>(value));
  }
  T value_;
};

}  // namespace banyan
