#include "version.hpp"

#include <charconv>

namespace banyan::doctor {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Removes the leading number of `text`; 0 when there is none.
int take_number(std::string_view& text) {
  int n = 0;
  const auto* end = text.data() + text.size();
  text.remove_prefix(static_cast<std::size_t>(std::from_chars(text.data(), end, n).ptr - text.data()));
  return n;
}

}  // namespace

std::optional<version_number> version_in(std::string_view text) {
  int depth = 0;
  for (; !text.empty(); text.remove_prefix(1)) {
    const char c = text.front();
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) --depth;
    if (depth > 0 || !is_digit(c)) continue;
    version_number v{take_number(text)};
    std::size_t parts = 1;
    while (parts < v.size() && text.size() > 1 && text.front() == '.' && is_digit(text[1])) {
      text.remove_prefix(1);
      v.at(parts++) = take_number(text);
    }
    if (parts > 1) return v;
    if (text.empty()) break;
  }
  return std::nullopt;
}

version_number version_of_macro(std::string_view text) {
  version_number v{};
  std::size_t parts = 0;
  while (!text.empty() && parts < v.size()) {
    if (is_digit(text.front()))
      v.at(parts++) = take_number(text);
    else
      text.remove_prefix(1);
  }
  if (parts == 1 && v[0] >= 100) return {v[0] / 10000, v[0] / 100 % 100, v[0] % 100};
  return v;
}

std::string to_string(const version_number& v) {
  return std::to_string(v[0]) + "." + std::to_string(v[1]) + "." + std::to_string(v[2]);
}

}  // namespace banyan::doctor
