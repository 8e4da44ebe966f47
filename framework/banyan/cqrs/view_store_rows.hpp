// The mapping between C++ and SQL values: statement arguments, and rows as described structs. Included by
// view_store.hpp.
//
//   C++ value                          SQL                      read back from
//   integers, bool                     INTEGER                  INTEGER within range; bool: 0 or 1
//   double, float                      REAL (NaN: NULL)         REAL or INTEGER
//   std::string, string_view, literal  TEXT                     TEXT
//   std::optional, nullptr             NULL or the value        the same
//   described enum                     TEXT, its name           TEXT
//   uuid                               TEXT, 36 characters      TEXT
//   strong<Tag, Rep>                   as Rep                   as Rep
//
// No silent conversion: a column that does not fit its member throws view_error (internal) that names both, such as
// "sales_row.pence (column 2) takes an integer, found text". Store other types in one of these: money as minor
// units, an instant as a number (its text does not sort); or specialise `sql_type<T>` with `to` and `from`.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/core/json_names.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace banyan {

template <class T>
struct sql_type;    // static sql_value to(const T&); static std::optional<T> from(const sql_value&); static constexpr takes = "text";

namespace detail {

[[noreturn]] inline void refuse_sql(std::string sentence) { throw view_error{error{code::internal, std::move(sentence)}}; }

inline std::string_view sql_kind(const sql_value& v) {
  static constexpr std::string_view kinds[] = {"null", "an integer", "a real number", "text"};
  return kinds[v.index()];
}

}  // namespace detail

template <std::integral T>
struct sql_type<T> {
  static constexpr std::string_view takes = std::same_as<T, bool> ? "0 or 1" : sizeof(T) < 8 ? "an integer within its range" : "an integer";
  static sql_value to(T x) {
    if constexpr (!std::same_as<T, bool>) {
      if (!std::in_range<std::int64_t>(x)) detail::refuse_sql("an argument is beyond SQL's largest integer");
    }
    return static_cast<std::int64_t>(x);
  }
  static std::optional<T> from(const sql_value& v) {
    const auto* n = std::get_if<std::int64_t>(&v);
    if (!n) return {};
    if constexpr (std::same_as<T, bool>) {
      if (*n != 0 && *n != 1) return {};
    } else {
      if (!std::in_range<T>(*n)) return {};
    }
    return static_cast<T>(*n);
  }
};

template <std::floating_point T>
struct sql_type<T> {
  static constexpr std::string_view takes = "a number";
  static sql_value to(T x) { return static_cast<double>(x); }
  static std::optional<T> from(const sql_value& v) {
    if (const auto* x = std::get_if<double>(&v)) return static_cast<T>(*x);
    if (const auto* n = std::get_if<std::int64_t>(&v)) return static_cast<T>(*n);
    return {};
  }
};

template <>
struct sql_type<std::string> {
  static constexpr std::string_view takes = "text";
  static sql_value to(std::string_view x) { return std::string{x}; }
  static std::optional<std::string> from(const sql_value& v) {
    if (const auto* text = std::get_if<std::string>(&v)) return *text;
    return {};
  }
};

template <>
struct sql_type<std::nullptr_t> {
  static sql_value to(std::nullptr_t) { return nullptr; }
};

template <>
struct sql_type<sql_value> {
  static constexpr std::string_view takes = "anything";
  static sql_value to(const sql_value& v) { return v; }
  static std::optional<sql_value> from(const sql_value& v) { return v; }
};

template <class T>
struct sql_type<std::optional<T>> {
  static constexpr std::string_view takes = sql_type<T>::takes;
  static sql_value to(const std::optional<T>& x) { return x ? sql_type<T>::to(*x) : sql_value{nullptr}; }
  static std::optional<std::optional<T>> from(const sql_value& v) {
    if (std::holds_alternative<std::nullptr_t>(v)) return std::optional<T>{};
    auto x = sql_type<T>::from(v);
    if (!x) return {};
    return std::optional<std::optional<T>>{std::in_place, std::move(x)};
  }
};

template <detail::described_enum T>
struct sql_type<T> {
  static constexpr std::string_view takes = "the name of one of its enumerators";
  static sql_value to(T x) {
    for (std::size_t i = 0; i < detail::enumerator_values<T>.size(); ++i) {
      if (detail::enumerator_values<T>[i] == x) return std::string{detail::enumerator_names<T>[i]};
    }
    detail::refuse_sql("an argument is no enumerator of its type");
  }
  static std::optional<T> from(const sql_value& v) {
    const auto* text = std::get_if<std::string>(&v);
    for (std::size_t i = 0; text && i < detail::enumerator_values<T>.size(); ++i) {
      if (detail::enumerator_names<T>[i] == *text) return detail::enumerator_values<T>[i];
    }
    return {};
  }
};

template <>
struct sql_type<uuid> {
  static constexpr std::string_view takes = "a UUID as text";
  static sql_value to(const uuid& x) { return to_string(x); }
  static std::optional<uuid> from(const sql_value& v) {
    const auto* text = std::get_if<std::string>(&v);
    if (!text) return {};
    auto id = parse_uuid(*text);
    return id ? std::optional{*id} : std::nullopt;
  }
};

template <class Tag, class Rep>
struct sql_type<strong<Tag, Rep>> {
  static constexpr std::string_view takes = sql_type<Rep>::takes;
  static sql_value to(const strong<Tag, Rep>& x) { return sql_type<Rep>::to(x.value); }
  static std::optional<strong<Tag, Rep>> from(const sql_value& v) {
    auto x = sql_type<Rep>::from(v);
    return x ? std::optional{strong<Tag, Rep>{std::move(*x)}} : std::nullopt;
  }
};

template <class T>
sql_value to_sql(const T& x) {
  if constexpr (std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t>) {
    return sql_type<std::string>::to(x);
  } else {
    return sql_type<T>::to(x);
  }
}

namespace detail {

template <class T>
void read_column(T& into, const sql_value& v, std::string_view row, std::string_view member, std::size_t column) {
  auto x = sql_type<T>::from(v);
  if (x) {
    into = std::move(*x);
    return;
  }
  auto name = std::string{row};
  if (!member.empty()) name += "." + std::string{member};
  refuse_sql(name + " (column " + std::to_string(column) + ") takes " + std::string{sql_type<T>::takes} + ", found " +
             std::string{sql_kind(v)} + (v.index() == 0 ? ": make it std::optional, or use coalesce()" : ""));
}

template <class Row>
Row read_row(const sql_row& columns) {
  Row out{};
  if constexpr (described_struct<Row>) {
    using members = members_of<Row>;
    constexpr auto count = boost::mp11::mp_size<members>::value;
    if (columns.size() != count) {
      refuse_sql(std::string{short_name<Row>()} + " has " + std::to_string(count) + " members, but the statement gives " +
                 std::to_string(columns.size()) + " columns");
    }
    std::size_t i = 0;
    boost::mp11::mp_for_each<members>([&](auto member) {
      read_column(out.*member.pointer, columns[i], short_name<Row>(), member.name, i + 1);
      ++i;
    });
  } else {
    if (columns.size() != 1) {
      refuse_sql("a single value is expected, but the statement gives " + std::to_string(columns.size()) + " columns");
    }
    read_column(out, columns[0], "a single value", {}, 1);
  }
  return out;
}

}  // namespace detail

template <class Row, class... Args>
std::vector<Row> view_reader::query(std::string_view sql, const Args&... args) {
  std::vector<Row> out;
  const auto found = rows(sql, {to_sql(args)...});
  out.reserve(found.size());
  for (const auto& columns : found) out.push_back(detail::read_row<Row>(columns));
  return out;
}

template <class Row, class... Args>
std::optional<Row> view_reader::first(std::string_view sql, const Args&... args) {
  const auto found = rows(sql, {to_sql(args)...}, 1);
  if (found.empty()) return {};
  return detail::read_row<Row>(found.front());
}

template <class... Args>
void view_writer::run(std::string_view sql, const Args&... args) {
  execute(sql, {to_sql(args)...});
}

}  // namespace banyan
