// JSON text that is a member of a stored record: written in place, as a value and not as an escaped text, and read back
// as text. Encoded once, compared and passed on without a tree of values.
//
//   saga_request request;
//   request.arguments = nested(refund{"o17"});
//   std::string text = to_json(request);                // {"kind":"step","arguments":{"order":"o17"}}
//
// The text is what our own writer (core/json.hpp) makes of a value, so equal values have equal texts, also after a
// record was stored and read.
#pragma once

#include <banyan/core/json.hpp>

#include <string>

namespace banyan {

struct nested_json {
  std::string text;  // empty: no value
  bool empty() const { return text.empty(); }
  friend bool operator==(const nested_json&, const nested_json&) = default;
};

template <class T>
nested_json nested(const T& value) {
  return {to_json(value)};
}

template <>
struct codec<nested_json> {
  static void write(std::string& out, const nested_json& x) {
    out += x.empty() ? std::string_view{"null"} : std::string_view{x.text};
  }
  static bool read(nested_json& x, const boost::json::value& v, fault&) {
    x.text.clear();
    codec<boost::json::value>::write(x.text, v);
    return true;
  }
  static shape describe(shape_path&) { return shape::any(); }
};

namespace detail {

// The codec of a described struct whose members, but for those in `required_fields`, are left out where they have the
// value of a default-constructed struct, and get that value when they are missing.
template <class T>
struct sparse_codec {
  static void write(std::string& out, const T& x) {
    out += '{';
    write_members(out, x, members_of<T>{});
    out += '}';
  }
  static bool read(T& x, const boost::json::value& v, fault& why) {
    const fault::level deeper{why};
    if (why.too_deep()) return why.fail("is nested too deep");
    const auto* object = as_object(v, why);
    return object && read_members(x, *object, why, members_of<T>{});
  }
  static shape describe(shape_path& path) {
    auto s = shape::record(short_name<T>());
    describe_members(s, path, members_of<T>{});
    return s;
  }

 private:
  static_assert(!has_undescribed_members<T>(),
                "BOOST_DESCRIBE_STRUCT leaves out a member of this struct, whose value would be lost");
  static constexpr bool is_required(std::string_view name) { return is_among(name, T::required_fields); }

  template <bool Required, class M>
  static void write_member(std::string& out, std::string_view name, const M& member, const M& usual) {
    if (!Required && member == usual) return;
    begin_member(out, name);
    codec<M>::write(out, member);
  }
  template <bool Required, class M>
  static bool read_member(M& member, const boost::json::object& object, std::string_view name, fault& why) {
    const auto* v = find_member(object, name);
    if (!v) return !Required || why.missing(name);
    return codec<M>::read(member, *v, why) || why.inside(name);
  }
  template <class M>
  static void describe_member(shape& s, shape_path& path, std::string_view name, M T::*) {
    s.parts.push_back({std::string{name}, is_required(name), codec<M>::describe(path)});
  }
  template <template <class...> class L, class... D>
  static void write_members(std::string& out, const T& x, L<D...>) {
    static const T usual{};
    (write_member<is_required(D::name)>(out, D::name, x.*D::pointer, usual.*D::pointer), ...);
  }
  template <template <class...> class L, class... D>
  static bool read_members(T& x, const boost::json::object& object, fault& why, L<D...>) {
    return (read_member<is_required(D::name)>(x.*D::pointer, object, D::name, why) && ...);
  }
  template <template <class...> class L, class... D>
  static void describe_members(shape& s, shape_path& path, L<D...>) {
    (describe_member(s, path, D::name, D::pointer), ...);
  }
};

}  // namespace detail
}  // namespace banyan
