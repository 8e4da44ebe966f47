#include <banyan/journal/position_token.hpp>

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

// The older form: "1-", 32 digits, "-", and partitions with their positions.
bool is_of_version_1(std::string_view text) {
  constexpr std::size_t longest = 2 + hex_digits + 1 + position_token::max_partitions * 26;
  return text.starts_with("1-") && text.size() > 2 + hex_digits && text.size() <= longest && text[2 + hex_digits] == '-' &&
         parse_hex(text.substr(2)) && text.find_first_not_of("0123456789:.", 2 + hex_digits + 1) == text.npos;
}

error from_before_epochs() {
  auto e = another_history();
  e.message = "the position token is of an older program, which did not say what history of the journal it is of: read again without it";
  return e;
}

// Parses a number without sign or leading zeros and removes it from the front of `text`.
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

epoch_position position_token::at(partition p) const {
  const auto found = positions.find(p);
  return found == positions.end() ? epoch_position{} : found->second;
}

position_token token_of(const journal_history& history, position at, partition p) {
  position_token token;
  if (const auto mark = history.mark(at); !mark.epoch.is_nil()) token.positions.emplace(p, mark);
  return token;
}

result<position> position_in(const journal_history& history, position head, const position_token& token, partition p) {
  for (const auto& entry : token.positions) {
    if (entry.first != p) {
      return error{code::invalid_argument, "the journal has no partition " + std::to_string(entry.first)}.at(std::string{position_header});
    }
  }
  const auto wanted = token.at(p);
  if (!history.contains(wanted, head)) return another_history();
  return wanted.at;
}

std::string to_string(const position_token& token) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text = "2-";
  for (const auto& [partition, position] : token.positions) {
    if (position.at == 0) continue;
    if (text.size() > 2) text += '.';
    text += std::to_string(partition) + ":" + std::to_string(position.at) + ":";
    for (const auto byte : position.epoch.bytes) {
      text += digits[byte >> 4];
      text += digits[byte & 15];
    }
  }
  return text;
}

result<position_token> parse_position_token(std::string_view text) {
  if (is_of_version_1(text)) return from_before_epochs();
  if (!text.starts_with("2-")) return refused("it does not begin with its version \"2-\"");
  text.remove_prefix(2);
  position_token token;
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
    if (!text.starts_with(':')) return refused("a colon is expected after the position");
    text.remove_prefix(1);
    const auto epoch = text.size() < hex_digits ? std::nullopt : parse_hex(text);
    if (!epoch) return refused("the epoch is not 32 lower-case hexadecimal digits");
    text.remove_prefix(hex_digits);
    if (!token.positions.empty() && token.positions.rbegin()->first >= *partition) return refused("partitions are not ascending");
    token.positions.emplace_hint(token.positions.end(), static_cast<banyan::partition>(*partition),
                                 epoch_position{*position, *epoch});
  }
  return token;
}

result<position_token> merge(const position_token& a, const position_token& b) {
  auto merged = a;
  for (const auto& [partition, position] : b.positions) {
    auto& highest = merged.positions[partition];
    if (highest.at == position.at && position.at > 0 && highest.epoch != position.epoch) return another_history();
    if (highest.at <= position.at) highest = position;
  }
  if (merged.positions.size() > position_token::max_partitions) {
    return error{code::invalid_argument, "a position token holds at most 64 partitions"};
  }
  return merged;
}

error another_history() {
  return error{code::conflict, "the position token is of another history of the journal (an older copy was restored, or it was made anew)"}
      .because("another_history")
      .at(std::string{position_header});
}

}  // namespace banyan
