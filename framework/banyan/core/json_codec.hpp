// `codec<T>`: how a type is written as JSON, read from JSON and described as a `shape`. Read json.hpp first; include
// this header only to add a codec for a type of your own:
//
//   template <>
//   struct banyan::codec<colour> {
//     static void write(std::string& out, const colour& c) { codec<std::string>::write(out, c.hex()); }
//     static bool read(colour& c, const boost::json::value& v, fault& why) {
//       std::string text;
//       return codec<std::string>::read(text, v, why) && (c.assign(text) || why.fail("must be a colour such as #102030"));
//     }
//     static shape describe(shape_path&) { return shape::text("color"); }
//   };
//
// These templates are thin: what does not depend on the type is compiled once (json_io.hpp), so that a file with a
// dozen coded structs compiles quickly. Containers are in json_containers.hpp.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/json_io.hpp>
#include <banyan/core/json_names.hpp>
#include <banyan/core/shape.hpp>
#include <banyan/core/time.hpp>
#include <banyan/core/undescribed_members.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace banyan {
namespace detail {

template <class T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> || std::same_as<T, char16_t> ||
                    std::same_as<T, char32_t>;
template <class T>
concept whole_number = std::integral<T> && !std::same_as<T, bool> && !character<T>;
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

// A scalar type, coded in json_leaf.cpp.
template <class T>
struct leaf {
  static void write(std::string& out, const T& x);
  static bool read(T& x, const boost::json::value& v, fault& why);
  static shape describe(shape_path&);
};

}  // namespace detail

// A type without a JSON form: writing, reading or describing it is a compile error.
template <class T>
struct codec {
  using is_undefined = void;
  static void write(std::string&, const T&) { refuse(); }
  static bool read(T&, const boost::json::value&, fault&) { return refuse(); }
  static shape describe(shape_path&) {
    refuse();
    return {};
  }

 private:
  static bool refuse() {
    static_assert(
        sizeof(T) == 0,
        "no JSON form for this type: describe a struct with BOOST_DESCRIBE_STRUCT or an enum with BOOST_DESCRIBE_ENUM; "
        "write a duration as banyan::timespan; see banyan/core/json.hpp");
    return false;
  }
};

template <> struct codec<bool> : detail::leaf<bool> {};
template <> struct codec<std::string> : detail::leaf<std::string> {};
template <> struct codec<uuid> : detail::leaf<uuid> {};
template <> struct codec<instant> : detail::leaf<instant> {};
template <> struct codec<timespan> : detail::leaf<timespan> {};
template <> struct codec<std::chrono::milliseconds> : detail::leaf<std::chrono::milliseconds> {};
template <> struct codec<std::monostate> : detail::leaf<std::monostate> {};
template <> struct codec<boost::json::value> : detail::leaf<boost::json::value> {};

template <detail::whole_number T>
struct codec<T> {
  using limits = std::numeric_limits<T>;
  static void write(std::string& out, T n) {
    if constexpr (limits::is_signed) detail::append_signed(out, n);
    else detail::append_unsigned(out, n);
  }
  static bool read(T& n, const boost::json::value& v, fault& why) {
    std::conditional_t<limits::is_signed, std::int64_t, std::uint64_t> wide = 0;
    bool good = false;
    if constexpr (limits::is_signed) good = detail::read_signed(wide, v, limits::min(), limits::max(), why);
    else good = detail::read_unsigned(wide, v, limits::max(), why);
    if (good) n = static_cast<T>(wide);
    return good;
  }
  static shape describe(shape_path&) { return shape::integer(8 * sizeof(T), limits::is_signed); }
};

template <std::floating_point T>
struct codec<T> {
  static_assert(sizeof(T) <= sizeof(double), "JSON numbers are read as double: a long double would lose digits");
  static void write(std::string& out, T n) { detail::append_number(out, n); }
  static bool read(T& n, const boost::json::value& v, fault& why) {
    double wide = 0;
    if (!detail::read_number(wide, v, std::numeric_limits<T>::max(), why)) return false;
    n = static_cast<T>(wide);
    return true;
  }
  static shape describe(shape_path&) { return shape::number(8 * sizeof(T)); }
};

template <class Tag, class Rep>
struct codec<strong<Tag, Rep>> {
  static void write(std::string& out, const strong<Tag, Rep>& x) { codec<Rep>::write(out, x.value); }
  static bool read(strong<Tag, Rep>& x, const boost::json::value& v, fault& why) { return codec<Rep>::read(x.value, v, why); }
  static shape describe(shape_path& path) { return codec<Rep>::describe(path); }
};

template <class T>
struct codec<std::optional<T>> {
  static void write(std::string& out, const std::optional<T>& x) {
    if (x) codec<T>::write(out, *x);
    else out += "null";
  }
  static bool read(std::optional<T>& x, const boost::json::value& v, fault& why) {
    if (v.is_null()) {
      x.reset();
      return true;
    }
    return codec<T>::read(x.emplace(), v, why);
  }
  static shape describe(shape_path& path) { return shape::optional(codec<T>::describe(path)); }
};

template <detail::described_enum T>
struct codec<T> {
  static void write(std::string& out, T x) { detail::append_text(out, boost::describe::enum_to_string(x, "")); }
  static bool read(T& x, const boost::json::value& v, fault& why) {
    std::size_t index = 0;
    if (!detail::read_name(index, v, detail::enumerator_names<T>, why)) return false;
    x = detail::enumerator_values<T>[index];
    return true;
  }
  static shape describe(shape_path&) { return shape::enumeration(short_name<T>(), detail::enumerator_names<T>); }
};

template <class... Ts>
struct codec<std::variant<Ts...>> {
  using variant = std::variant<Ts...>;
  static void write(std::string& out, const variant& x) {
    if (x.valueless_by_exception()) {
      out += "null";
      return;
    }
    out += '{';
    detail::begin_member(out, names[x.index()]);
    write_any(out, x, std::index_sequence_for<Ts...>{});
    out += '}';
  }
  static bool read(variant& x, const boost::json::value& v, fault& why) {
    std::size_t index = 0;
    const auto* body = detail::read_alternative(index, v, names, why);
    return body && (read_any(x, index, *body, why, std::index_sequence_for<Ts...>{}) || why.inside(names[index]));
  }
  static shape describe(shape_path& path) {
    auto s = shape::variant();
    (s.parts.push_back({std::string{stored_name<Ts>()}, true, codec<Ts>::describe(path)}), ...);
    return s;
  }

 private:
  template <std::size_t... I>
  static void write_any(std::string& out, const variant& x, std::index_sequence<I...>) {
    ((x.index() == I ? codec<Ts>::write(out, *std::get_if<I>(&x)) : void()), ...);
  }
  template <std::size_t... I>
  static bool read_any(variant& x, std::size_t index, const boost::json::value& v, fault& why, std::index_sequence<I...>) {
    return ((index == I && codec<Ts>::read(x.template emplace<I>(), v, why)) || ...);
  }
  static constexpr const auto& names = detail::alternative_names<Ts...>;
  static_assert(detail::all_distinct(detail::alternative_names<Ts...>),
                "two alternatives of this variant have the same name in JSON: give one a `stored` name");
};

template <detail::described_struct T>
struct codec<T> {
  static void write(std::string& out, const T& x) {
    out += '{';
    write_members(out, x, members{});
    out += '}';
  }
  static bool read(T& x, const boost::json::value& v, fault& why) {
    const fault::level deeper{why};
    if (why.too_deep()) return why.fail("is nested too deep");
    const auto* object = detail::as_object(v, why);
    return object && read_members(x, *object, why, members{});
  }
  static shape describe(shape_path& path) {
    if (const auto up = path.enter(&tag)) return shape::again(*up);
    auto s = shape::record(short_name<T>());
    describe_members(s, path, members{});
    path.leave();
    return s;
  }

 private:
  using members = detail::members_of<T>;
  static_assert(detail::optional_fields_exist<T>(),
                "optional_fields names something that is not a described member: use the names that "
                "BOOST_DESCRIBE_STRUCT lists");
  static_assert(!detail::has_undescribed_members<T>(),
                "BOOST_DESCRIBE_STRUCT leaves out a member of this struct, whose value would be lost: list all of "
                "them, in their order");
  static constexpr char tag = 0;  // its address identifies the type

  template <class M>
  static void write_member(std::string& out, std::string_view name, const M& member) {
    if constexpr (detail::is_optional<M>::value) {
      if (!member) return;
    }
    detail::begin_member(out, name);
    codec<M>::write(out, member);
  }
  template <class M>
  static bool read_member(M& member, const boost::json::object& object, std::string_view name, fault& why) {
    const auto* v = detail::find_member(object, name);
    if (!v) return detail::is_optional<M>::value || detail::is_listed_optional<T>(name) || why.missing(name);
    return codec<M>::read(member, *v, why) || why.inside(name);
  }
  template <template <class...> class L, class... D>
  static void write_members([[maybe_unused]] std::string& out, [[maybe_unused]] const T& x, L<D...>) {
    (write_member(out, D::name, x.*D::pointer), ...);
  }
  template <template <class...> class L, class... D>
  static bool read_members([[maybe_unused]] T& x, [[maybe_unused]] const boost::json::object& object, [[maybe_unused]] fault& why,
                           L<D...>) {
    return (read_member(x.*D::pointer, object, D::name, why) && ...);
  }
  template <class M>
  static void describe_member(shape& s, shape_path& path, std::string_view name, M T::*) {
    if constexpr (detail::is_optional<M>::value) {
      s.parts.push_back({std::string{name}, false, codec<typename M::value_type>::describe(path)});
    } else {
      s.parts.push_back({std::string{name}, !detail::is_listed_optional<T>(name), codec<M>::describe(path)});
    }
  }
  template <template <class...> class L, class... D>
  static void describe_members([[maybe_unused]] shape& s, [[maybe_unused]] shape_path& path, L<D...>) {
    (describe_member(s, path, D::name, D::pointer), ...);
  }
};

}  // namespace banyan
