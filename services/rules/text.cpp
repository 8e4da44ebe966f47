#include <services/rules/text.hpp>

#include <banyan/core/utf8.hpp>

#include <algorithm>

namespace shop {
namespace {

struct range {
  char32_t first, last;
};

constexpr bool is_in(const auto& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](const range& r) { return c >= r.first && c <= r.last; });
}

// Unicode's categories Cc, Zl and Zp, and the bidirectional controls.
constexpr range unfit[]{{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

// White_Space and Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, and U+2800, a Braille cell without a dot.
constexpr range invisible[]{{' ', ' '},        {0xA0, 0xA0},     {0xAD, 0xAD},     {0x34F, 0x34F},     {0x115F, 0x1160},  {0x1680, 0x1680},
                            {0x17B4, 0x17B5},  {0x180B, 0x180F}, {0x2000, 0x200F}, {0x202F, 0x202F},   {0x205F, 0x206F},  {0x2800, 0x2800},
                            {0x3000, 0x3000},  {0x3164, 0x3164}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},  {0xFFF0, 0xFFF8},
                            {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

// The first character of UTF-8, taken off the front of `text`.
char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = std::min<std::size_t>(lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4, text.size());
  char32_t c = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  text.remove_prefix(length);
  return c;
}

}  // namespace

bool is_name(std::string_view text, std::size_t most) {
  if (banyan::utf8_length(text) > most) return false;
  bool shows = false;
  while (!text.empty()) {
    const auto c = take_character(text);
    if (is_in(unfit, c)) return false;
    shows = shows || !is_in(invisible, c);
  }
  return shows;
}

std::string name_rule(std::size_t most) {
  return "has 1 to " + std::to_string(most) + " characters, one of them visible, without control characters";
}

bool is_code(std::string_view text, std::size_t most) {
  return is_name(text, most) && text != "." && text != ".." && text.find_first_of("/\\") == std::string_view::npos;
}

std::string code_rule(std::size_t most) {
  return "has 1 to " + std::to_string(most) + " characters, one of them visible, without slashes or control characters";
}

bool is_card_token(std::string_view text) {
  std::size_t digits = 0, longest = 0;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c != '_' && c != '-') return false;
    digits = is_digit ? digits + 1 : 0;
    longest = std::max(longest, digits);
  }
  return !text.empty() && text.size() <= 64 && longest < 12;
}

std::string card_token_rule() { return "is a token of 1 to 64 letters, digits, '_' or '-', and no card number"; }

}  // namespace shop
