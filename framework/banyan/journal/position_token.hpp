// A position token: "I have written up to here", as a value that a client carries from a command to a query, over any node.
//
// The reply of a command has one; a query that presents it is answered from a view which has applied at least that much
// (read your own writes). It is portable: it names the epoch of the journal that wrote the position (journal_history.hpp),
// not a process. So any replica on any node can judge it, and one of a journal that an older copy has replaced since is refused, also when
// that journal has another event at the same position by now.
//
//   auto token = token_of(history, 1234);
//   response.headers.set("X-Banyan-Position", to_string(token));        // 2-0:1234:018f6d2e...
//   auto presented = parse_position_token(request.headers.get("X-Banyan-Position"));
//   if (auto wanted = position_in(history, head, *presented)) ...       // the view has to have applied *wanted
//
// Do not use it to name an event, or for optimistic locking: a position says how far a partition was read, expected versions say what a
// stream looked like. A client that talks to several journals keeps one token for each. A client whose token is refused with
// "another_history" has written what is not there any more: it forgets the token and reads again.
//
// Text form, at most `max_text` characters:
//   token     = "2-" [ entry *( "." entry ) ]
//   entry     = partition ":" position ":" epoch
//   partition, position: decimal without sign and leading zeros; partitions ascending; positions 1 and up
//   epoch     = 32 lower-case hexadecimal digits
// Every token has exactly one text, so texts can be compared. A comma is not used: it stays free for lists of tokens in one header.
// Texts that begin with "1-" are of programs from before there were epochs: they can not be judged, and are refused as another history's.
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

  std::map<partition, epoch_position> positions = {};  // highest position per partition; one that is missing stands at 0

  epoch_position at(partition p) const;
  friend bool operator==(const position_token&, const position_token&) = default;
};

// Of a position that was stored in this history. Without an entry when its epoch is forgotten: it is that old.
position_token token_of(const journal_history& history, position at, partition p = 0);

// The position that `token` names in the journal of the one partition `p`, whose last position is `head`. Errors: conflict with reason
// "another_history" (it is beyond the head, or another epoch wrote it: never to be waited for); invalid_argument (it names a partition
// that the journal does not have).
result<position> position_in(const journal_history& history, position head, const position_token& token, partition p = 0);

// The text form for those who describe it to others: a regular expression (ECMA 262, and others' as well) that takes every token. It can not
// say that partitions are ascending, nor how large a number may be: `parse_position_token` does.
inline constexpr std::string_view position_token_pattern =
    "^2-((0|[1-9][0-9]{0,4}):[1-9][0-9]{0,18}:[0-9a-f]{32}"
    "(\\.(0|[1-9][0-9]{0,4}):[1-9][0-9]{0,18}:[0-9a-f]{32})*)?$";

// Partitions at position 0 are left out, which means the same.
std::string to_string(const position_token& token);

// Strict: what `to_string` does not write is refused with invalid_argument, field "X-Banyan-Position". The text is not repeated. A token of
// the older form is a conflict with reason "another_history".
result<position_token> parse_position_token(std::string_view text);

// For a client that has two: the higher position per partition. It can not tell whether both are of one history, the journal can; but
// conflict with reason "another_history" when two epochs wrote the same position. invalid_argument when the result would have over 64
// partitions.
result<position_token> merge(const position_token& a, const position_token& b);

// The refusal of a token that belongs to another history of the journal.
error another_history();

}  // namespace banyan
