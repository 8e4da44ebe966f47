// `shape`: what a described type looks like, as data. From it come the JSON Schema of an HTTP API, the hash that tells a stored
// snapshot of an older layout from a current one, and comparisons of two versions of a program.
//
//   boost::json::value schema = schema_of<place_order>();      // JSON Schema 2020-12, as OpenAPI 3.1 takes it
//   std::uint64_t key = layout_hash<order::state>();           // changes when a member is added, renamed or retyped
//
// Use the hash to ignore what can be rebuilt (snapshots, caches). Do not use it to refuse what cannot: events are read by the tolerant
// codec (json.hpp), whatever the layout was when they were written.
#pragma once

#include <banyan/core/json_names.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

enum class shape_kind : std::uint8_t { null, boolean, integer, number, text, any, optional, list, map, enumeration, variant, record, again };

struct shape {
  struct part;

  shape_kind kind = shape_kind::any;
  std::string name;           // record, enumeration: the type's own name
  std::string format;         // text: what the text holds ("uuid"); empty for any text
  std::size_t size = 0;       // integer, number: bits; list: fixed number of items, 0 when free; again: records up, 1 is the nearest
  bool is_signed = false;     // integer
  std::vector<part> parts;    // record: members; variant: alternatives; enumeration: enumerators; optional, list, map: the one content

  static shape null();
  static shape boolean();
  static shape integer(std::size_t bits, bool is_signed);
  static shape number(std::size_t bits);
  static shape text(std::string format = {});
  static shape any();
  static shape optional(shape content);
  static shape list(shape item, std::size_t fixed_size = 0);
  static shape map(shape mapped);
  static shape enumeration(std::string_view name, std::span<const std::string_view> enumerators);
  static shape variant();
  static shape record(std::string_view name);
  static shape again(std::size_t records_up);
};

struct shape::part {
  std::string name;
  bool required = true;       // record: must be present
  shape type;
};

// The records being described, outermost first: a type that contains itself is described once and then referred to.
class shape_path {
 public:
  // Enters the record that `key` stands for, or says how many records up it is already being described.
  std::optional<std::size_t> enter(const void* key);
  void leave() { open_.pop_back(); }

 private:
  std::vector<const void*> open_;
};

template <class T>
struct codec;

template <class T>
shape shape_of() {
  shape_path path;
  return codec<T>::describe(path);
}

// Nested types are written in place. A type that contains itself gets an "$id", to which its inner occurrences refer.
boost::json::value to_schema(const shape& s);

// Stable for ever: member names and types, alternatives and enumerators count; names of types, and whether a member is required, do not.
std::uint64_t layout_hash(const shape& s);

template <class T>
boost::json::value schema_of() {
  return to_schema(shape_of<T>());
}

template <class T>
std::uint64_t layout_hash() {
  static const std::uint64_t hash = layout_hash(shape_of<T>());
  return hash;
}

}  // namespace banyan
