#include <banyan/core/json_io.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cmath>

namespace banyan {
namespace {

constexpr std::size_t longest_name_shown = 64;   // bytes; names in paths may come from outside
constexpr std::size_t deepest = 32;

}  // namespace

bool fault::unknown(std::string_view what, std::string_view reason) {
  fail(what);
  reason_ = reason;
  return false;
}

bool fault::fail(std::string_view what) {
  what_ = what;
  reason_.clear();
  return false;
}

bool fault::missing(std::string_view member) {
  fail("is missing");
  return inside(member);
}

bool fault::inside(std::string_view member) {
  std::string path{member.substr(0, longest_name_shown)};
  if (!path_.empty() && path_.front() != '[') path += '.';
  path_.insert(0, path);
  return false;
}

bool fault::inside(std::size_t index) {
  const bool nested = !path_.empty() && path_.front() != '[';
  path_.insert(0, "[" + std::to_string(index) + (nested ? "]." : "]"));
  return false;
}

error fault::to_error() && {
  auto sentence = (path_.empty() ? "the document" : path_) + " " + what_;
  return error{code::invalid_argument, std::move(sentence)}.at(std::move(path_)).because(std::move(reason_));
}

bool fault::too_deep() const { return depth_ > deepest; }

namespace detail {
namespace {

// Accepts integers only: the parser has turned 1e3 and 5.0, as programs with only doubles write them, into integers
// where the digits are exact. A double may come from 0.99999999999999999999; -0.0 stays a double for its sign.
std::optional<std::int64_t> as_whole(const value& v) {
  if (const auto* i = v.if_int64()) return *i;
  if (const auto* u = v.if_uint64(); u && *u <= INT64_MAX) return static_cast<std::int64_t>(*u);
  if (const auto* d = v.if_double(); d && *d == 0 && std::signbit(*d)) return 0;
  return std::nullopt;
}

bool not_whole(const std::string& low, const std::string& high, fault& why) {
  return why.fail("must be a whole number between " + low + " and " + high);
}

}  // namespace

bool read_signed(std::int64_t& n, const value& v, std::int64_t low, std::int64_t high, fault& why) {
  const auto whole = as_whole(v);
  if (!whole || *whole < low || *whole > high) return not_whole(std::to_string(low), std::to_string(high), why);
  n = *whole;
  return true;
}

bool read_unsigned(std::uint64_t& n, const value& v, std::uint64_t high, fault& why) {
  const auto whole = as_whole(v);
  const bool fits = whole ? *whole >= 0 && static_cast<std::uint64_t>(*whole) <= high : v.is_uint64() && v.get_uint64() <= high;
  if (!fits) return not_whole("0", std::to_string(high), why);
  n = whole ? static_cast<std::uint64_t>(*whole) : v.get_uint64();
  return true;
}

bool read_number(double& n, const value& v, double most, fault& why) {
  if (v.is_int64()) n = static_cast<double>(v.get_int64());
  else if (v.is_uint64()) n = static_cast<double>(v.get_uint64());
  else if (v.is_double()) n = v.get_double();
  else return why.fail("must be a number");
  return std::abs(n) <= most || why.fail("is out of range");
}

bool read_text(std::string_view& text, const value& v, fault& why) {
  if (!v.is_string()) return why.fail("must be a text");
  text = std::string_view{v.get_string().data(), v.get_string().size()};
  return true;
}

const boost::json::array* as_array(const value& v, fault& why) {
  if (const auto* array = v.if_array()) return array;
  why.fail("must be an array");
  return nullptr;
}

const boost::json::object* as_object(const value& v, fault& why) {
  if (const auto* object = v.if_object()) return object;
  why.fail("must be an object");
  return nullptr;
}

const value* find_member(const boost::json::object& object, std::string_view name) {
  return object.if_contains({name.data(), name.size()});
}

// Whether one of the names is `unknown`, which stands for all names not listed.
static bool names_unknown(std::size_t& index, std::span<const std::string_view> names) {
  index = static_cast<std::size_t>(std::find(names.begin(), names.end(), "unknown") - names.begin());
  return index < names.size();
}

bool read_name(std::size_t& index, const value& v, std::span<const std::string_view> names, fault& why) {
  std::string_view name;
  if (!read_text(name, v, why)) return false;
  index = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  if (index < names.size() || names_unknown(index, names)) return true;
  std::string choices;
  for (const auto choice : names) choices.append(choices.empty() ? "must be one of " : ", ").append(choice);
  return why.unknown(choices, "unknown_enumerator");
}

const value* read_alternative(std::size_t& index, const value& v, std::span<const std::string_view> names, fault& why) {
  const auto* object = as_object(v, why);
  if (!object) return nullptr;
  if (object->size() != 1) {
    why.fail("must have exactly one member, which names the alternative");
    return nullptr;
  }
  const auto& member = *object->begin();
  const std::string_view name{member.key().data(), member.key().size()};
  index = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  if (index < names.size() || names_unknown(index, names)) return &member.value();
  why.unknown("is not a known alternative", "unknown_alternative");
  why.inside(name);
  return nullptr;
}

}  // namespace detail
}  // namespace banyan
