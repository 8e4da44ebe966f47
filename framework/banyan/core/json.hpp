// Described structs <-> JSON. A struct described with BOOST_DESCRIBE_STRUCT and an enum described with
// BOOST_DESCRIBE_ENUM encode and decode without further code, nested as you like with std::string, numbers, bool,
// std::optional, std::vector, std::set, std::array, std::map<std::string, T>, std::variant, uuid, instant, timespan,
// std::chrono::milliseconds, money, strong<Tag> and boost::json::value.
//
//   struct line { std::string sku; std::int64_t quantity = 1; std::optional<std::string> note; };
//   BOOST_DESCRIBE_STRUCT(line, (), (sku, quantity, note))
//   std::string text = to_json(line{"A1", 2, {}});             // {"sku":"A1","quantity":2}
//   result<line> back = from_json<line>(text);
//
// The description lists all members: one that it leaves out does not compile where the compiler sees it
// (undescribed_members.hpp), and elsewhere its value is lost.
//
// Use it for everything that leaves the process: events, snapshots, requests, messages between nodes. JSON that is
// only passed on, in a format defined elsewhere, is better kept as a string or as a boost::json::value.
//
// The reader is tolerant, so that two versions of a program can talk: unknown members are ignored; a missing member
// keeps the value that the struct's default member initialiser gives when the type names it optional
// (`std::optional`, or listed in `static constexpr auto optional_fields = banyan::fields("quantity")`); any other
// missing member is an error that names its path ("lines[2].sku is missing"). A wrong type, an out-of-range number,
// an unknown enumerator, a member that occurs twice, invalid UTF-8 and nesting deeper than 32 are errors too (code
// invalid_argument; `field` is the path). An unknown enumerator or alternative, which a newer program may have
// written, has the reason "unknown_enumerator" or "unknown_alternative"; a type with an enumerator or an alternative
// that is called `unknown` reads as that.
//
// How values look:
//   std::optional          absent when empty; null is read as empty
//   enum                   its enumerator's name
//   std::variant           {"<name>": {...}}, the name being `T::stored.type` when the alternative has one, else the type's own
//   uuid, strong<Tag>      the text; the bare value
//   instant                RFC 3339 in UTC, exact to the nanosecond: "2026-01-02T03:04:05.678Z"
//   timespan               "800ms", "1.5s"
//   milliseconds           a number
//   NaN, infinity          null, which does not read back as a number; bytes that are not UTF-8 become U+FFFD
//
// For any other type specialise `banyan::codec<T>` (json_codec.hpp). Its JSON Schema and the hash of its layout are
// in shape.hpp, included here.
#pragma once

#include <banyan/core/json_codec.hpp>
#include <banyan/core/json_containers.hpp>
#include <banyan/core/shape.hpp>

namespace banyan {

inline constexpr std::size_t max_json_bytes = 16 << 20;
inline constexpr std::size_t max_json_depth = 32;      // nested arrays and objects

template <class T>
void append_json(std::string& out, const T& x) {
  codec<T>::write(out, x);
}

template <class T>
std::string to_json(const T& x) {
  std::string out;
  out.reserve(256);
  codec<T>::write(out, x);
  return out;
}

template <class T>
result<T> from_json(std::string_view text, std::size_t max_bytes = max_json_bytes) {
  T out{};
  const auto read = [](void* into, const boost::json::value& v, fault& why) { return codec<T>::read(*static_cast<T*>(into), v, why); };
  if (auto refused = detail::decode(text, max_bytes, read, &out)) return {boost::system::in_place_error, std::move(*refused)};
  return {boost::system::in_place_value, std::move(out)};
}

// Parses JSON without a target type, with the same limits and errors.
result<boost::json::value> parse_json(std::string_view text, std::size_t max_bytes = max_json_bytes);

template <class T>
boost::json::value to_value(const T& x) {
  return detail::value_of_own_text(to_json(x));
}

template <class T>
result<T> from_value(const boost::json::value& v) {
  T out{};
  fault why;
  if (!codec<T>::read(out, v, why)) return {boost::system::in_place_error, std::move(why).to_error()};
  return {boost::system::in_place_value, std::move(out)};
}

}  // namespace banyan
