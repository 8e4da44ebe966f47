// JSON codecs of containers: sequences (std::vector, std::set and the like), std::array, and maps with string keys.
#pragma once

#include <banyan/core/json_codec.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <concepts>
#include <string>
#include <utility>

namespace banyan {
namespace detail {

template <class T>
concept mapping = requires(T m, typename T::key_type k) {
  typename T::mapped_type;
  m.try_emplace(k);
};
template <class T>
concept sequence = !mapping<T> && requires(T c, typename T::value_type x) {
  c.insert(c.end(), std::move(x));
  c.clear();
} && !std::same_as<T, std::string>;

template <class Key>
auto& key_text(Key& key) {
  if constexpr (requires { key.value; }) return key.value;
  else return key;
}

}  // namespace detail

template <detail::sequence T>
struct codec<T> {
  using item = typename T::value_type;
  static void write(std::string& out, const T& items) {
    out += '[';
    for (const item& x : items) {
      detail::begin_item(out);
      codec<item>::write(out, x);
    }
    out += ']';
  }
  static bool read(T& items, const boost::json::value& v, fault& why) {
    const auto* array = detail::as_array(v, why);
    if (!array) return false;
    items.clear();
    if constexpr (requires { items.reserve(array->size()); }) items.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
      item x{};
      if (!codec<item>::read(x, (*array)[i], why)) return why.inside(i);
      items.insert(items.end(), std::move(x));
    }
    return true;
  }
  static shape describe(shape_path& path) { return shape::list(codec<item>::describe(path)); }
};

template <class T, std::size_t N>
struct codec<std::array<T, N>> {
  static void write(std::string& out, const std::array<T, N>& items) {
    out += '[';
    for (const T& x : items) {
      detail::begin_item(out);
      codec<T>::write(out, x);
    }
    out += ']';
  }
  static bool read(std::array<T, N>& items, const boost::json::value& v, fault& why) {
    const auto* array = detail::as_array(v, why);
    if (!array) return false;
    if (array->size() != N) return why.fail("must have " + std::to_string(N) + " items");
    for (std::size_t i = 0; i < N; ++i) {
      if (!codec<T>::read(items[i], (*array)[i], why)) return why.inside(i);
    }
    return true;
  }
  static shape describe(shape_path& path) { return shape::list(codec<T>::describe(path), N); }
};

// The keys are std::string, or a strong<Tag> of one.
template <detail::mapping T>
struct codec<T> {
  using key = typename T::key_type;
  using mapped = typename T::mapped_type;
  static_assert(std::same_as<decltype(detail::key_text(std::declval<key&>())), std::string&>, "the keys of a JSON object are texts");
  static void write(std::string& out, const T& map) {
    out += '{';
    for (const auto& [k, x] : map) {
      detail::begin_key(out, detail::key_text(k));
      codec<mapped>::write(out, x);
    }
    out += '}';
  }
  static bool read(T& map, const boost::json::value& v, fault& why) {
    const auto* object = detail::as_object(v, why);
    if (!object) return false;
    map.clear();
    for (const auto& member : *object) {
      key k{};
      detail::key_text(k) = std::string{member.key()};
      if (!codec<mapped>::read(map[std::move(k)], member.value(), why)) return why.inside(member.key());
    }
    return true;
  }
  static shape describe(shape_path& path) { return shape::map(codec<mapped>::describe(path)); }
};

}  // namespace banyan
