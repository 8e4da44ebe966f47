#include <banyan/saga/own_json.hpp>

#include <banyan/core/utf8.hpp>

#include <algorithm>
#include <array>

namespace banyan {
namespace {

enum class part : char { plain, special, multibyte };
constexpr std::array<part, 256> parts = [] {
  std::array<part, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = part::special;
  for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = part::multibyte;
  table['"'] = table['\\'] = part::special;
  return table;
}();

// Bytes of a text that stand for themselves, those from 0x80 on as parts of UTF-8.
std::size_t special_at(std::string_view text, bool& is_ascii) {
  std::size_t at = 0;
  for (;; ++at) {
    while (at < text.size() && parts[static_cast<unsigned char>(text[at])] == part::plain) ++at;
    if (at == text.size() || parts[static_cast<unsigned char>(text[at])] == part::special) return at;
    is_ascii = false;
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool own_json::take(char c) {
  if (!is_next(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool own_json::take_member(std::string_view name, bool is_first) {
  const std::size_t before = is_first ? 1 : 2;  // the quotation mark, and the comma
  const auto length = before + name.size() + 2;
  if (rest_.size() < length || rest_[before - 1] != '"' || rest_.substr(before, name.size()) != name ||
      rest_[length - 2] != '"' || rest_[length - 1] != ':' || (!is_first && rest_.front() != ','))
    return false;
  rest_.remove_prefix(length);
  return true;
}

std::optional<std::int64_t> own_json::integer() {
  constexpr std::size_t most_digits = 18;
  const std::size_t sign = is_next('-') ? 1 : 0;
  std::size_t end = sign;
  std::int64_t n = 0;
  for (; end < rest_.size() && is_digit(rest_[end]) && end - sign < most_digits; ++end) n = n * 10 + (rest_[end] - '0');
  const bool is_written_so = end > sign && (rest_[sign] != '0' || (end == 1 && sign == 0));
  const bool goes_on = end < rest_.size() && (is_digit(rest_[end]) || rest_[end] == '.' || (rest_[end] | 32) == 'e');
  if (!is_written_so || goes_on) return std::nullopt;
  rest_.remove_prefix(end);
  return sign ? -n : n;
}

std::optional<std::string_view> own_json::plain_text() {
  if (!take('"')) return std::nullopt;
  bool is_ascii = true;
  const auto length = special_at(rest_, is_ascii);
  const auto text = rest_.substr(0, length);
  if (length == rest_.size() || rest_[length] != '"' || !(is_ascii || is_utf8(text))) return std::nullopt;
  rest_.remove_prefix(length + 1);
  return text;
}

std::optional<std::string_view> own_json::value() {
  const auto from = rest_;
  if (!skip_value(0)) return std::nullopt;
  return from.substr(0, from.size() - rest_.size());
}

bool own_json::skip_word(std::string_view word) {
  if (!rest_.starts_with(word)) return false;
  rest_.remove_prefix(word.size());
  return true;
}

bool own_json::skip_value(int depth) {
  if (rest_.empty() || depth > most_nested) return false;
  switch (rest_.front()) {
    case '{': return skip_object(depth);
    case '[': return skip_array(depth);
    case '"': return skip_text();
    case 't': return skip_word("true");
    case 'f': return skip_word("false");
    case 'n': return skip_word("null");
    default: return integer().has_value();
  }
}

bool own_json::skip_text() {
  const auto begin = rest_.substr(1);
  std::size_t length = 0;
  for (bool all_ascii = true;;) {
    bool is_ascii = true;
    length += special_at(begin.substr(length), is_ascii);
    all_ascii = all_ascii && is_ascii;
    if (length == begin.size()) return false;
    if (begin[length] == '"') {
      if (!all_ascii && !is_utf8(begin.substr(0, length))) return false;
      rest_ = begin.substr(length + 1);
      return true;
    }
    constexpr std::string_view escaped = "\"\\bfnrt";
    if (begin[length] != '\\' || length + 1 == begin.size()) return false;
    if (escaped.find(begin[length + 1]) == std::string_view::npos) return false;
    length += 2;
  }
}

bool own_json::skip_object(int depth) {
  std::array<std::string_view, most_members> names;
  std::size_t count = 0;
  rest_.remove_prefix(1);
  if (take('}')) return true;
  do {
    const auto name = plain_text();
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
    if (!name || count == most_members || std::find(names.begin(), end, *name) != end) return false;
    names[count++] = *name;
    if (!take(':') || !skip_value(depth + 1)) return false;
  } while (take(','));
  return take('}');
}

bool own_json::skip_array(int depth) {
  rest_.remove_prefix(1);
  if (take(']')) return true;
  do {
    if (!skip_value(depth + 1)) return false;
  } while (take(','));
  return take(']');
}

result<nested_json> read_nested(std::string_view text) {
  own_json look{text};
  if (text.size() <= max_json_bytes && look.value() && look.is_at_end()) return nested_json{std::string{text}};
  return from_json<nested_json>(text);
}

}  // namespace banyan
