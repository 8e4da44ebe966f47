#include <banyan/core/json_codec.hpp>

namespace banyan::detail {
namespace {

template <class T>
bool read_parsed(T& x, const value& v, result<T> (*parse)(std::string_view), std::string_view must, fault& why) {
  std::string_view text;
  if (!v.is_string() || !read_text(text, v, why)) return why.fail(must);
  auto parsed = parse(text);
  if (!parsed) return why.fail("is " + parsed.error().message);
  x = *parsed;
  return true;
}

// Not boost::json::serialize: it writes NaN, and 2.5 as 2.5E0.
void append_value(std::string& out, const value& v) {
  switch (v.kind()) {
    case boost::json::kind::null: out += "null"; break;
    case boost::json::kind::bool_: out += v.get_bool() ? "true" : "false"; break;
    case boost::json::kind::int64: append_signed(out, v.get_int64()); break;
    case boost::json::kind::uint64: append_unsigned(out, v.get_uint64()); break;
    case boost::json::kind::double_: append_number(out, v.get_double()); break;
    case boost::json::kind::string: append_text(out, {v.get_string().data(), v.get_string().size()}); break;
    case boost::json::kind::array:
      out += '[';
      for (const auto& item : v.get_array()) {
        begin_item(out);
        append_value(out, item);
      }
      out += ']';
      break;
    case boost::json::kind::object:
      out += '{';
      for (const auto& member : v.get_object()) {
        begin_key(out, {member.key().data(), member.key().size()});
        append_value(out, member.value());
      }
      out += '}';
      break;
  }
}

}  // namespace

template <>
void leaf<bool>::write(std::string& out, const bool& x) { out += x ? "true" : "false"; }
template <>
bool leaf<bool>::read(bool& x, const value& v, fault& why) {
  if (!v.is_bool()) return why.fail("must be true or false");
  x = v.get_bool();
  return true;
}
template <>
shape leaf<bool>::describe(shape_path&) { return shape::boolean(); }

template <>
void leaf<std::string>::write(std::string& out, const std::string& x) { append_text(out, x); }
template <>
bool leaf<std::string>::read(std::string& x, const value& v, fault& why) {
  std::string_view text;
  if (!read_text(text, v, why)) return false;
  x = text;
  return true;
}
template <>
shape leaf<std::string>::describe(shape_path&) { return shape::text(); }

template <>
void leaf<uuid>::write(std::string& out, const uuid& x) { append_text(out, to_string(x)); }
template <>
bool leaf<uuid>::read(uuid& x, const value& v, fault& why) { return read_parsed(x, v, parse_uuid, "must be a UUID", why); }
template <>
shape leaf<uuid>::describe(shape_path&) { return shape::text("uuid"); }

template <>
void leaf<instant>::write(std::string& out, const instant& x) { append_text(out, to_rfc3339(x)); }
template <>
bool leaf<instant>::read(instant& x, const value& v, fault& why) {
  return read_parsed(x, v, parse_rfc3339, "must be a time such as 2026-01-02T03:04:05Z", why);
}
template <>
shape leaf<instant>::describe(shape_path&) { return shape::text("date-time"); }

template <>
void leaf<timespan>::write(std::string& out, const timespan& x) { append_text(out, to_string(x)); }
template <>
bool leaf<timespan>::read(timespan& x, const value& v, fault& why) {
  return read_parsed(x, v, parse_timespan, "must be a time span such as 800ms", why);
}
template <>
shape leaf<timespan>::describe(shape_path&) { return shape::text("timespan"); }

template <>
void leaf<std::chrono::milliseconds>::write(std::string& out, const std::chrono::milliseconds& x) { append_signed(out, x.count()); }
template <>
bool leaf<std::chrono::milliseconds>::read(std::chrono::milliseconds& x, const value& v, fault& why) {
  std::int64_t count = 0;
  if (!codec<std::int64_t>::read(count, v, why)) return false;
  x = std::chrono::milliseconds{count};
  return true;
}
template <>
shape leaf<std::chrono::milliseconds>::describe(shape_path&) { return shape::integer(64, true); }

template <>
void leaf<std::monostate>::write(std::string& out, const std::monostate&) { out += "null"; }
template <>
bool leaf<std::monostate>::read(std::monostate&, const value& v, fault& why) { return v.is_null() || why.fail("must be null"); }
template <>
shape leaf<std::monostate>::describe(shape_path&) { return shape::null(); }

template <>
void leaf<value>::write(std::string& out, const value& x) { append_value(out, x); }
template <>
bool leaf<value>::read(value& x, const value& v, fault&) {
  x = v;
  return true;
}
template <>
shape leaf<value>::describe(shape_path&) { return shape::any(); }

}  // namespace banyan::detail
