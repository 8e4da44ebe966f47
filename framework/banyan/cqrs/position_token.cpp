#include <banyan/cqrs/position_token.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace banyan {

namespace {

constexpr std::size_t hex_digits = 32;

error refused(std::string_view why) {
  return error{code::invalid_argument, "not a position token: " + std::string{why}}.at(std::string{position_header});
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<uuid> parse_hex(std::string_view text) {
  uuid id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return {};
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return id;
}

// A number without sign or leading zeros, taken off the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text, std::int64_t max) {
  const auto length = std::min(text.find_first_not_of("0123456789"), text.size());
  if (length == 0 || (text[0] == '0' && length > 1)) return {};
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + length, value);
  if (failed != std::errc{} || value > max) return {};
  text.remove_prefix(length);
  return value;
}

}  // namespace

position position_token::at(partition p) const {
  const auto found = positions.find(p);
  return found == positions.end() ? 0 : found->second;
}

std::string to_string(const position_token& token) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text = "1-";
  for (const auto byte : token.incarnation.bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  char separator = '-';
  for (const auto& [partition, position] : token.positions) {
    if (position == 0) continue;
    text += separator;
    text += std::to_string(partition) + ":" + std::to_string(position);
    separator = '.';
  }
  if (separator == '-') text += separator;
  return text;
}

result<position_token> parse_position_token(std::string_view text) {
  if (!text.starts_with("1-")) return refused("it does not begin with its version \"1-\"");
  text.remove_prefix(2);
  if (text.size() < hex_digits + 1 || text[hex_digits] != '-') return refused("the incarnation is not 32 hexadecimal digits");
  const auto incarnation = parse_hex(text.substr(0, hex_digits));
  if (!incarnation) return refused("the incarnation is not 32 lower-case hexadecimal digits");
  position_token token{*incarnation, {}};
  text.remove_prefix(hex_digits + 1);
  while (!text.empty()) {
    if (!token.positions.empty()) {
      if (text[0] != '.') return refused("a dot is expected between entries");
      text.remove_prefix(1);
    }
    if (token.positions.size() == position_token::max_partitions) return refused("it has too many partitions");
    const auto partition = take_number(text, position_token::max_partition);
    if (!partition) return refused("a partition is expected, a number up to 65535");
    if (!text.starts_with(':')) return refused("a colon is expected after the partition");
    text.remove_prefix(1);
    const auto position = take_number(text, std::numeric_limits<banyan::position>::max());
    if (!position || *position == 0) return refused("a position is expected, a number from 1 up");
    if (!token.positions.empty() && token.positions.rbegin()->first >= *partition) return refused("partitions are not ascending");
    token.positions.emplace_hint(token.positions.end(), static_cast<int>(*partition), *position);
  }
  return token;
}

result<position_token> merge(const position_token& a, const position_token& b) {
  if (a.incarnation != b.incarnation) return another_incarnation();
  auto merged = a;
  for (const auto& [partition, position] : b.positions) {
    auto& highest = merged.positions[partition];
    highest = std::max(highest, position);
  }
  if (merged.positions.size() > position_token::max_partitions) {
    return error{code::invalid_argument, "a position token holds at most 64 partitions"};
  }
  return merged;
}

result<bool> covers(const position_token& applied, const position_token& wanted) {
  if (applied.incarnation != wanted.incarnation) return another_incarnation();
  return std::all_of(wanted.positions.begin(), wanted.positions.end(),
                     [&](const auto& entry) { return applied.at(entry.first) >= entry.second; });
}

error another_incarnation() {
  return error{code::conflict, "the position token belongs to another incarnation of the journal (it was restored or made anew)"}
      .because("another_incarnation")
      .at(std::string{position_header});
}

}  // namespace banyan
