#include <banyan/core/shape.hpp>

#include <banyan/core/hash.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace banyan {
namespace {

namespace json = boost::json;

shape simple(shape_kind what, std::size_t size = 0, std::string format = {}) {
  shape s;
  s.kind = what;
  s.size = size;
  s.format = std::move(format);
  return s;
}

shape around(shape_kind what, shape content, std::size_t size = 0) {
  auto s = simple(what, size);
  s.parts.push_back({{}, true, std::move(content)});
  return s;
}

// Writes the schema of a shape, remembering the records it is in, so that a record that contains itself can be referred to.
class schema_writer {
 public:
  json::value write(const shape& s) {
    switch (s.kind) {
      case shape_kind::null: return json::object{{"type", "null"}};
      case shape_kind::boolean: return json::object{{"type", "boolean"}};
      case shape_kind::integer: return integer(s);
      case shape_kind::number: return json::object{{"type", "number"}, {"format", s.size == 32 ? "float" : "double"}};
      case shape_kind::text: return text(s);
      case shape_kind::any: return json::object{};
      case shape_kind::optional: return json::object{{"anyOf", json::array{write(s.parts[0].type), json::object{{"type", "null"}}}}};
      case shape_kind::list: return list(s);
      case shape_kind::map: return json::object{{"type", "object"}, {"additionalProperties", write(s.parts[0].type)}};
      case shape_kind::enumeration: return enumeration(s);
      case shape_kind::variant: return variant(s);
      case shape_kind::record: return record(s);
      case shape_kind::again: return again(s);
    }
    return json::object{};
  }

 private:
  struct open_record {
    const shape* of;
    bool referred = false;
  };

  static json::value integer(const shape& s) {
    json::object o{{"type", "integer"}, {"format", (s.is_signed ? "int" : "uint") + std::to_string(s.size)}};
    if (!s.is_signed) o["minimum"] = 0;
    if (s.size < 64) {
      const auto span = std::int64_t{1} << (s.is_signed ? s.size - 1 : s.size);
      if (s.is_signed) o["minimum"] = -span;
      o["maximum"] = span - 1;
    }
    return o;
  }
  static json::value text(const shape& s) {
    json::object o{{"type", "string"}};
    if (s.format == "timespan") o["pattern"] = "^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h|d)$";
    if (!s.format.empty()) o["format"] = s.format;
    return o;
  }
  json::value list(const shape& s) {
    json::object o{{"type", "array"}, {"items", write(s.parts[0].type)}};
    if (s.size > 0) {
      o["minItems"] = s.size;
      o["maxItems"] = s.size;
    }
    return o;
  }
  static json::value enumeration(const shape& s) {
    json::array names;
    for (const auto& part : s.parts) names.emplace_back(part.name);
    return json::object{{"type", "string"}, {"title", s.name}, {"enum", std::move(names)}};
  }
  json::value variant(const shape& s) {
    json::array choices;
    for (const auto& part : s.parts) {
      choices.push_back(json::object{{"type", "object"},
                                     {"properties", json::object{{part.name, write(part.type)}}},
                                     {"required", json::array{part.name}},
                                     {"maxProperties", 1}});
    }
    return json::object{{"oneOf", std::move(choices)}};
  }
  json::value record(const shape& s) {
    open_.push_back({&s});
    json::object properties;
    json::array required;
    for (const auto& part : s.parts) {
      properties[part.name] = write(part.type);
      if (part.required) required.emplace_back(part.name);
    }
    json::object o{{"type", "object"}, {"title", s.name}, {"properties", std::move(properties)}};
    if (!required.empty()) o["required"] = std::move(required);
    if (open_.back().referred) o["$id"] = id_of(s);
    open_.pop_back();
    return o;
  }
  json::value again(const shape& s) {
    if (s.size > open_.size()) return json::object{};  // a part written alone: the record it refers to is absent
    auto& record = open_[open_.size() - s.size];
    record.referred = true;
    return json::object{{"$ref", id_of(*record.of)}};
  }
  static std::string id_of(const shape& record) { return "urn:banyan:" + record.name; }

  std::vector<open_record> open_;
};

// Each text is preceded by its length, so that two layouts never give the same input.
void spell_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void spell(std::string& out, const shape& s) {
  out += std::to_string(static_cast<int>(s.kind));
  out += s.is_signed ? '-' : '+';
  out += std::to_string(s.size);
  spell_text(out, s.format);
  out += '(';
  for (const auto& part : s.parts) {
    spell_text(out, part.name);
    spell(out, part.type);
  }
  out += ')';
}

}  // namespace

shape shape::null() { return simple(shape_kind::null); }
shape shape::boolean() { return simple(shape_kind::boolean); }
shape shape::integer(std::size_t bits, bool is_signed) {
  auto s = simple(shape_kind::integer, bits);
  s.is_signed = is_signed;
  return s;
}
shape shape::number(std::size_t bits) { return simple(shape_kind::number, bits); }
shape shape::text(std::string format) { return simple(shape_kind::text, 0, std::move(format)); }
shape shape::any() { return simple(shape_kind::any); }
shape shape::optional(shape content) { return around(shape_kind::optional, std::move(content)); }
shape shape::list(shape item, std::size_t fixed_size) { return around(shape_kind::list, std::move(item), fixed_size); }
shape shape::map(shape mapped) { return around(shape_kind::map, std::move(mapped)); }
shape shape::enumeration(std::string_view name, std::span<const std::string_view> enumerators) {
  auto s = record(name);
  s.kind = shape_kind::enumeration;
  for (const auto enumerator : enumerators) s.parts.push_back({std::string{enumerator}, true, null()});
  return s;
}
shape shape::variant() { return simple(shape_kind::variant); }
shape shape::record(std::string_view name) {
  auto s = simple(shape_kind::record);
  s.name = name;
  return s;
}
shape shape::again(std::size_t records_up) { return simple(shape_kind::again, records_up); }

std::optional<std::size_t> shape_path::enter(const void* key) {
  const auto at = std::find(open_.rbegin(), open_.rend(), key);
  if (at != open_.rend()) return static_cast<std::size_t>(at - open_.rbegin()) + 1;
  open_.push_back(key);
  return std::nullopt;
}

json::value to_schema(const shape& s) { return schema_writer{}.write(s); }

std::uint64_t layout_hash(const shape& s) {
  std::string spelled;
  spell(spelled, s);
  return stable_hash(spelled);
}

}  // namespace banyan
