#include <banyan/core/json_io.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace banyan::detail {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

enum class what : char { plain, escaped, multibyte };

constexpr std::array<what, 256> kinds = [] {
  std::array<what, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = what::escaped;
  for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = what::multibyte;
  table['"'] = table['\\'] = what::escaped;
  return table;
}();

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += hex_digits[c >> 4];
      out += hex_digits[c & 15];
  }
}

// Bytes of the well-formed UTF-8 sequence at the front (table 3-7 of the Unicode standard), 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i, unsigned low, unsigned high) { return byte(i) >= low && byte(i) <= high; };
  const auto lead = byte(0);
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1, 0x80, 0xbf) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool second = follows(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
    return second && follows(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool second = follows(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
    return second && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

// Length of the prefix that needs no escaping, found eight bytes at a time: a byte below 0x20, a quote or a
// backslash becomes one that borrows when 1 (or 0x20) is subtracted, which shows in its top bit (Mycroft's test).
// May stop early, never late.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = ones * 0x80;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, 8);
    const auto quote = bytes ^ (ones * '"');
    const auto backslash = bytes ^ (ones * '\\');
    if (((bytes - ones * 0x20) | (quote - ones) | (backslash - ones) | bytes) & tops) break;
  }
  while (at < text.size() && kinds[static_cast<unsigned char>(text[at])] == what::plain) ++at;
  return at;
}

template <class N>
void append_chars(std::string& out, N n) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), n).ptr;
  out.append(text.data(), end);
}

template <class N>
void append_floating(std::string& out, N n) {
  if (!std::isfinite(n)) out += "null";
  else if (n == 0 && std::signbit(n)) out += "-0.0";  // "-0" would be read as the integer 0
  else append_chars(out, n);
}

void separate(std::string& out, char opening) {
  if (out.back() != opening) out += ',';
}

}  // namespace

void append_signed(std::string& out, std::int64_t n) { append_chars(out, n); }
void append_unsigned(std::string& out, std::uint64_t n) { append_chars(out, n); }
void append_number(std::string& out, double n) { append_floating(out, n); }
void append_number(std::string& out, float n) { append_floating(out, n); }

void append_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (kinds[c] == what::plain) {
      i += plain_prefix(text.substr(i));
      continue;
    }
    if (const auto length = kinds[c] == what::multibyte ? sequence_length(text.substr(i)) : 0; length > 0) {
      i += length;
      continue;
    }
    out.append(text, done, i - done);
    if (kinds[c] == what::multibyte) out += "\xef\xbf\xbd";
    else append_escape(out, c);
    done = ++i;
  }
  out.append(text, done);
  out += '"';
}

void begin_item(std::string& out) { separate(out, '['); }

void begin_member(std::string& out, std::string_view name) {
  separate(out, '{');
  out += '"';
  out += name;
  out += "\":";
}

void begin_key(std::string& out, std::string_view key) {
  separate(out, '{');
  append_text(out, key);
  out += ':';
}

}  // namespace banyan::detail
