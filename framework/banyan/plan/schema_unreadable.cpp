// Compatibility of layouts by the rules of the tolerant codec.
#include <banyan/plan/schema.hpp>

#include <algorithm>
#include <limits>

namespace banyan {

namespace {

std::string kind_name(const shape& s) {
  switch (s.kind) {
    case shape_kind::null: return "null";
    case shape_kind::boolean: return "a boolean";
    case shape_kind::integer: return std::string{s.is_signed ? "int" : "uint"} + std::to_string(s.size);
    case shape_kind::number: return "a number";
    case shape_kind::text: return s.format.empty() ? "text" : "text (" + s.format + ")";
    case shape_kind::any: return "anything";
    case shape_kind::optional: return "something optional";
    case shape_kind::list: return s.size ? "a list of " + std::to_string(s.size) : "a list";
    case shape_kind::map: return "a map";
    case shape_kind::enumeration: return "one of names";
    case shape_kind::variant: return "one of alternatives";
    case shape_kind::record: return "a record";
    case shape_kind::again: return "a record that contains itself";
  }
  return {};
}

const shape::part* find(const shape& s, std::string_view name) {
  const auto found = std::find_if(s.parts.begin(), s.parts.end(), [&](const shape::part& p) { return p.name == name; });
  return found == s.parts.end() ? nullptr : &*found;
}

// Whether the reader's integer or number type covers the writer's: bits and sign.
bool holds(const shape& reader, const shape& writer) {
  if (writer.is_signed && !reader.is_signed) return false;
  const auto value_bits = [](const shape& s) { return s.size - (s.is_signed ? 1 : 0); };
  return value_bits(writer) <= value_bits(reader);
}

class reading {
 public:
  std::vector<std::string> found() && { return std::move(found_); }

  void check(const shape& reader, const shape& writer, const std::string& path) {
    using enum shape_kind;
    if (reader.kind == any) return;
    if (reader.kind == optional) {
      if (writer.kind == null) return;
      return check(reader.parts[0].type, writer.kind == optional ? writer.parts[0].type : writer, path);
    }
    if (reader.kind == number && writer.kind == integer) return;
    if (reader.kind != writer.kind) return differs(reader, writer, path);
    switch (reader.kind) {
      case null:
      case boolean:
      case any:
      case optional:
        return;
      case integer:
        if (!holds(reader, writer)) differs(reader, writer, path);
        return;
      case number:
        if (reader.size < writer.size)
          add(path,
              "a number of " + std::to_string(writer.size) + " bits is read as one of " + std::to_string(reader.size));
        return;
      case text:
        if (!reader.format.empty() && reader.format != writer.format) differs(reader, writer, path);
        return;
      case list:
        if (reader.size != 0 && reader.size != writer.size) differs(reader, writer, path);
        return check(reader.parts[0].type, writer.parts[0].type, path + "[]");
      case map:
        return check(reader.parts[0].type, writer.parts[0].type, path + "{}");
      case enumeration:
        for (const auto& e : writer.parts)
          if (!find(reader, e.name) && !find(reader, "unknown")) add(path, "the name " + e.name + " is not known");
        return;
      case variant:
        for (const auto& a : writer.parts) {
          if (const auto* known = find(reader, a.name))
            check(known->type, a.type, path + "<" + a.name + ">");
          else if (!find(reader, "unknown"))
            add(path, "the alternative " + a.name + " is not known");
        }
        return;
      case record:
        return check_members(reader, writer, path);
      case again:
        if (reader.size != writer.size) add(path, "another record is repeated here");
        return;
    }
  }

 private:
  void check_members(const shape& reader, const shape& writer, const std::string& path) {
    for (const auto& member : reader.parts) {
      const auto at = path.empty() ? member.name : path + "." + member.name;
      const auto* written = find(writer, member.name);
      if (!written) {
        if (member.required) add(at, "is required, and not written");
        continue;
      }
      if (member.required && !written->required) add(at, "is required, and may be left out");
      check(member.type, written->type, at);
    }
  }
  void differs(const shape& reader, const shape& writer, const std::string& path) {
    add(path, kind_name(writer) + " is read as " + kind_name(reader));
  }
  void add(const std::string& path, const std::string& what) {
    found_.push_back(path.empty() ? what : path + ": " + what);
  }

  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> unreadable(const shape& reader, const shape& writer) {
  reading r;
  r.check(reader, writer, {});
  return std::move(r).found();
}

}  // namespace banyan
