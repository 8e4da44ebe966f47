#include <banyan/core/json.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value_stack.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace banyan {
namespace {

namespace json = boost::json;
using view = json::string_view;

// The whole number that a text with a point or an exponent denotes (5.0, 1e3, 1200e-2), if any. Decided on the
// digits, because the double may have lost some (9007199254740993.0, 0.99999999999999999999). None beyond 2^53: a
// writer of such text has only doubles, so its digits are not exact. None for -0.0, whose sign only a double keeps.
std::optional<std::int64_t> whole_number(std::string_view text) {
  constexpr std::int64_t most = 9007199254740992;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto end = std::min(text.find_first_of("eE"), text.size());
  std::string digits;
  std::int64_t exponent = 0;
  bool after_point = false;
  for (const char c : text.substr(0, end)) {
    if (c == '.') {
      after_point = true;
      continue;
    }
    digits += c;
    exponent -= after_point ? 1 : 0;
  }
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return negative ? std::nullopt : std::optional<std::int64_t>{0};
  if (end < text.size()) {
    auto shift = text.substr(end + 1);
    if (shift.starts_with('+')) shift.remove_prefix(1);
    std::int32_t by = 0;
    if (std::from_chars(shift.data(), shift.data() + shift.size(), by).ec != std::errc{}) return std::nullopt;
    exponent += by;
  }
  for (; digits.back() == '0'; digits.pop_back()) ++exponent;
  if (exponent < 0 || exponent > 16 || digits.size() > 16) return std::nullopt;
  digits.append(static_cast<std::size_t>(exponent), '0');
  std::int64_t n = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (read.ec != std::errc{} || n > most) return std::nullopt;
  return negative ? -n : n;
}

// Builds the value tree as boost::json::parser does, but stricter: it counts members, since a tree drops repeated
// ones, and reads fractions with from_chars, since Boost.JSON before 1.84 may be wrong in the last digit. A whole
// number, however it is written, becomes an integer.
class builder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  builder(const json::storage_ptr& memory, std::span<unsigned char> scratch, bool track_names)
      : stack_{json::storage_ptr{}, scratch.data(), scratch.size()}, track_names_{track_names} {
    stack_.reset(memory);
  }

  json::value release() { return stack_.release(); }
  std::size_t members() const { return members_; }
  const std::string& repeated() const { return repeated_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    if (track_names_) names_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code&) {
    if (track_names_) names_.pop_back();
    members_ += n;
    stack_.push_object(n);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    stack_.push_array(n);
    return true;
  }
  bool on_key_part(view s, std::size_t, json::error_code&) {
    if (track_names_) name_ += std::string_view{s.data(), s.size()};
    stack_.push_chars(s);
    return true;
  }
  bool on_key(view s, std::size_t, json::error_code&) {
    if (track_names_) {
      name_ += std::string_view{s.data(), s.size()};
      if (!names_.back().insert(name_).second && repeated_.empty()) repeated_ = name_;
      name_.clear();
    }
    stack_.push_key(s);
    return true;
  }
  bool on_string_part(view s, std::size_t, json::error_code&) {
    stack_.push_chars(s);
    return true;
  }
  bool on_string(view s, std::size_t, json::error_code&) {
    stack_.push_string(s);
    return true;
  }
  bool on_number_part(view s, json::error_code&) {
    number_ += std::string_view{s.data(), s.size()};
    return true;
  }
  bool on_int64(std::int64_t n, view, json::error_code&) {
    number_.clear();
    stack_.push_int64(n);
    return true;
  }
  bool on_uint64(std::uint64_t n, view, json::error_code&) {
    number_.clear();
    stack_.push_uint64(n);
    return true;
  }
  bool on_double(double rough, view s, json::error_code& ec) {
    number_ += std::string_view{s.data(), s.size()};
    double exact = 0;
    const auto read = std::from_chars(number_.data(), number_.data() + number_.size(), exact);
    const auto whole = whole_number(number_);
    number_.clear();
    if (whole) {
      stack_.push_int64(*whole);
      return true;
    }
    if (read.ec == std::errc::result_out_of_range && std::abs(rough) < 1) exact = 0;  // underflow: zero
    else if (read.ec != std::errc{}) ec = json::error::exponent_overflow;
    stack_.push_double(exact);
    return !ec;
  }
  bool on_bool(bool b, json::error_code&) {
    stack_.push_bool(b);
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(view, json::error_code&) { return true; }
  bool on_comment(view, json::error_code&) { return true; }

 private:
  json::value_stack stack_;
  std::size_t members_ = 0;
  std::string number_;
  bool track_names_;
  std::vector<std::set<std::string>> names_;
  std::string name_;
  std::string repeated_;
};

using parser = json::basic_parser<builder>;

std::size_t count_members(const json::value& v) {
  std::size_t count = 0;
  if (const auto* object = v.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += count_members(member.value());
  } else if (const auto* array = v.if_array()) {
    for (const auto& item : *array) count += count_members(item);
  }
  return count;
}

error refuse(std::string message, std::string field = {}) { return error{code::invalid_argument, std::move(message)}.at(std::move(field)); }

// Parses a second time, to find the name of the repeated member.
error repeated_member(std::string_view text, const json::parse_options& options) {
  std::array<unsigned char, 256> scratch;
  parser again{options, json::storage_ptr{}, scratch, true};
  json::error_code ec;
  again.write_some(false, text.data(), text.size(), ec);
  auto name = again.handler().repeated().substr(0, 64);
  return refuse(name + " occurs twice", name);
}

std::optional<error> parse(json::value& out, std::string_view text, std::size_t max_bytes, std::size_t max_depth,
                           const json::storage_ptr& memory) {
  if (text.size() > max_bytes) return refuse("the document is longer than " + std::to_string(max_bytes) + " bytes");
  json::parse_options options;
  options.max_depth = max_depth;
  std::array<unsigned char, 2048> scratch;
  parser p{options, memory, scratch, false};
  json::error_code ec;
  const auto used = p.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) ec = json::error::extra_data;
  if (ec) return refuse("the document is not valid JSON at byte " + std::to_string(used) + ": " + ec.message());
  out = p.handler().release();
  if (count_members(out) != p.handler().members()) return repeated_member(text, options);
  return std::nullopt;
}

}  // namespace

namespace detail {

std::optional<error> decode(std::string_view text, std::size_t max_bytes, read_function read, void* into) {
  std::array<unsigned char, 4096> first;
  json::monotonic_resource resource{first.data(), first.size()};
  const json::storage_ptr memory{&resource};
  json::value root(memory);
  if (auto refused = parse(root, text, max_bytes, max_json_depth, memory)) return refused;
  fault why;
  if (!read(into, root, why)) return std::move(why).to_error();
  return std::nullopt;
}

value value_of_own_text(std::string_view text) {
  value v;
  if (auto refused = parse(v, text, text.size(), 1024, {})) throw result_error{std::move(*refused)};
  return v;
}

}  // namespace detail

result<json::value> parse_json(std::string_view text, std::size_t max_bytes) {
  json::value v;
  if (auto refused = parse(v, text, max_bytes, max_json_depth, {})) return std::move(*refused);
  return v;
}

}  // namespace banyan
