// The parts of the JSON codec that do not depend on the coded type: read errors with their path, scalar text, and
// the parser that builds the value tree. For authors of a `codec<T>` (json_codec.hpp); others read json.hpp.
#pragma once

#include <banyan/core/result.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace banyan {

// A read error: reason and path. The path is built from the inside out, so that a successful read costs nothing.
// Every function returns false, to end a chain of reads: `return read(...) || why.inside("sku");`
class fault {
 public:
  bool fail(std::string_view what);              // "must be a text"
  bool unknown(std::string_view what,
               std::string_view reason);  // an unknown name; `reason` becomes the error's reason
  bool missing(std::string_view member);
  bool inside(std::string_view member);          // prefixes the path: "sku" -> "lines.sku"
  bool inside(std::size_t index);                // "[2].sku"
  error to_error() &&;                           // invalid_argument, "lines[2].sku is missing", at that path

  // Counts the nesting depth while a record is read.
  class level {
   public:
    explicit level(fault& f) : fault_{f} { ++fault_.depth_; }
    ~level() { --fault_.depth_; }
    level(const level&) = delete;
    level& operator=(const level&) = delete;

   private:
    fault& fault_;
  };
  bool too_deep() const;                         // beyond max_json_depth; for values that were not parsed from text

 private:
  std::string path_;
  std::string what_;
  std::string reason_;
  std::size_t depth_ = 0;
};

namespace detail {

// Writing (json_text.cpp). An item or member derives from the last character of `out` whether it needs a comma.
void append_signed(std::string& out, std::int64_t n);
void append_unsigned(std::string& out, std::uint64_t n);
void append_number(std::string& out, double n);
void append_number(std::string& out, float n);
void append_text(std::string& out, std::string_view text);      // quoted and escaped
void begin_item(std::string& out);
void begin_member(std::string& out, std::string_view name);     // a name from source code: not escaped
void begin_key(std::string& out, std::string_view key);         // any text: escaped

// Reading one value (json_read.cpp). Errors: false or null, with the cause in `why`.
using boost::json::value;
bool read_signed(std::int64_t& n, const value& v, std::int64_t low, std::int64_t high, fault& why);
bool read_unsigned(std::uint64_t& n, const value& v, std::uint64_t high, fault& why);
bool read_number(double& n, const value& v, double most, fault& why);
bool read_text(std::string_view& text, const value& v, fault& why);   // `text` points into `v`
const boost::json::array* as_array(const value& v, fault& why);
const boost::json::object* as_object(const value& v, fault& why);
const value* find_member(const boost::json::object& object, std::string_view name);
bool read_name(std::size_t& index, const value& v, std::span<const std::string_view> names, fault& why);
// The only member of a variant's object; `index` is that of its name.
const value* read_alternative(std::size_t& index, const value& v, std::span<const std::string_view> names, fault& why);

// Parsing text (json_parse.cpp).
using read_function = bool (*)(void* into, const value& v, fault& why);
std::optional<error> decode(std::string_view text, std::size_t max_bytes, read_function read, void* into);
value value_of_own_text(std::string_view text);

}  // namespace detail
}  // namespace banyan
