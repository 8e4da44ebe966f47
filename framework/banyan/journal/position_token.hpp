// A position token: the journal position of a client's last write, carried by the client from a command to a query,
// for read-your-writes on any node.
//
// The reply of a command has one; a query that presents it is answered from a view that has applied at least that
// position. It names the epoch of the journal that wrote the position (journal_history.hpp), not a process, so any
// replica on any node can check it, and the token of a journal that was since replaced by an older copy is refused,
// even when that journal has another event at the same position.
//
//   auto token = token_of(history, 1234);
//   response.headers.set("X-Banyan-Position", to_string(token));        // 2-0:1234:018f6d2e...
//   auto presented = parse_position_token(request.headers.get("X-Banyan-Position"));
//   if (auto wanted = position_in(history, head, *presented)) ...       // the view must have applied *wanted
//
// Not an event id, and not for optimistic locking: a position tells how far a partition was read, an expected
// version what a stream looked like. A client of several journals keeps one token for each. When a token is refused
// with "another_history" the client's write is lost: it drops the token and reads again.
//
// Text form, at most `max_text` characters:
//   token     = "2-" [ entry *( "." entry ) ]
//   entry     = partition ":" position ":" epoch
//   partition, position: decimal without sign and leading zeros; partitions ascending; positions 1 and up
//   epoch     = 32 lower-case hexadecimal digits
// Every token has exactly one text, so texts can be compared. Commas are unused, for lists of tokens in one header.
// Texts that begin with "1-" come from versions before epochs: they can not be checked and are refused as another
// history's.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/journal/journal_history.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace banyan {

inline constexpr std::string_view position_header = "X-Banyan-Position";

struct position_token {
  static constexpr std::size_t max_partitions = 64;
  static constexpr partition max_partition = 65'535;
  static constexpr std::size_t max_text = 2 + max_partitions * 59 - 1;

  std::map<partition, epoch_position> positions = {};  // highest position per partition; missing: 0

  epoch_position at(partition p) const;
  friend bool operator==(const position_token&, const position_token&) = default;
};

// The token of a position of this history. Without an entry when its epoch has been forgotten.
position_token token_of(const journal_history& history, position at, partition p = 0);

// The position that `token` names in partition `p`, whose last position is `head`. Errors: conflict with reason
// "another_history" (beyond the head, or written by another epoch: waiting is useless); invalid_argument (another
// partition).
result<position> position_in(const journal_history& history, position head, const position_token& token, partition p = 0);

// A regular expression (ECMA 262 and compatible) that matches every token, for API documents. It does not check the
// order of partitions nor the size of numbers; `parse_position_token` does.
inline constexpr std::string_view position_token_pattern =
    "^2-((0|[1-9][0-9]{0,4}):[1-9][0-9]{0,18}:[0-9a-f]{32}"
    "(\\.(0|[1-9][0-9]{0,4}):[1-9][0-9]{0,18}:[0-9a-f]{32})*)?$";

// Partitions at position 0 are omitted, which is equivalent.
std::string to_string(const position_token& token);

// Strict: accepts only what `to_string` writes. Errors: invalid_argument, field "X-Banyan-Position", without the
// text; conflict with reason "another_history" for the older form.
result<position_token> parse_position_token(std::string_view text);

// Merges two tokens of a client: the higher position per partition. It can not check that both are of one history;
// the journal can. Errors: conflict with reason "another_history" when two epochs wrote the same position;
// invalid_argument when the result has over 64 partitions.
result<position_token> merge(const position_token& a, const position_token& b);

// The refusal of a token of another history.
error another_history();

}  // namespace banyan
