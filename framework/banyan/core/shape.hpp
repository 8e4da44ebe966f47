// `shape`: the structure of a described type, as data. Source of the JSON Schema of an HTTP API, of the layout hash
// that invalidates older snapshots, and of schema comparisons between two versions of a program.
//
//   boost::json::value schema = schema_of<place_order>();      // JSON Schema 2020-12, as OpenAPI 3.1 takes it
//   std::uint64_t key = layout_hash<order::state>();           // changes when a member is added, renamed or retyped
//
// Use the hash to discard what can be rebuilt (snapshots, caches), not to reject what can not: events of any layout
// are read by the tolerant codec (json.hpp).
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
  std::size_t size = 0;       // integer, number: bits; list: fixed length or 0; again (recursion): records up, from 1
  bool is_signed = false;     // integer
  std::vector<part> parts;    // members, alternatives or enumerators; of an optional, list or map its content

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

// The records being described, outermost first, so that a recursive type is described once and then referred to.
class shape_path {
 public:
  // Enters the record identified by `key`; when it is being described already, returns how many records up.
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

// JSON Schema. Nested types are inlined; a recursive type gets an "$id" that its inner occurrences refer to.
boost::json::value to_schema(const shape& s);

// Stable across versions of the framework. Covers member names and types, alternatives and enumerators; not type
// names, nor whether a member is required.
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
