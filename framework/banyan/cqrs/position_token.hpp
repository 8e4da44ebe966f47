// A position token: "I have written up to here", as a value that a client carries from a command to a query, over any node.
//
// The reply of a command has one; a query that presents it is answered from a view which has applied at least that much
// (read your own writes). It is portable: it names the journal's incarnation, not a process, so any replica on any node can judge it, and a
// token of a journal that was since restored from a backup is refused instead of waited for.
//
//   position_token token{incarnation, {{0, 1234}}};
//   response.headers.set("X-Banyan-Position", to_string(token));        // 1-018f6d2e...-0:1234
//   auto presented = parse_position_token(request.headers.get("X-Banyan-Position"));
//   if (auto ok = covers(applied, *presented); ok && *ok) ...            // the view is fresh enough
//
// Do not use it to name an event, or for optimistic locking: a position says how far a partition was read, expected versions say what a
// stream looked like. A client that talks to several journals keeps one token for each.
//
// Text form, at most 1 + 1 + 32 + 1 + 64 * 26 characters:
//   token     = "1-" incarnation "-" [ entry *( "." entry ) ]
//   entry     = partition ":" position         decimal without sign and leading zeros; partitions ascending; positions 1 and up
// Every token has exactly one text, so texts can be compared. A comma is not used: it stays free for lists of tokens in one header.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/event_sourcing/event.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace banyan {

using partition = int;                                 // of a journal; an embedded journal has the one partition 0

inline constexpr std::string_view position_header = "X-Banyan-Position";

struct position_token {
  static constexpr std::size_t max_partitions = 64;
  static constexpr int max_partition = 65'535;

  uuid incarnation;
  std::map<partition, position> positions;             // highest position per partition; one that is missing stands at 0

  position at(partition p) const;
  friend bool operator==(const position_token&, const position_token&) = default;
};

// Partitions at position 0 are left out, which means the same.
std::string to_string(const position_token& token);

// Strict: what `to_string` does not write is refused with invalid_argument, field "X-Banyan-Position". The text is not repeated.
result<position_token> parse_position_token(std::string_view text);

// Both of them: the maximum per partition. conflict with reason "another_incarnation" when they are of different journals;
// invalid_argument when the result would have over 64 partitions.
result<position_token> merge(const position_token& a, const position_token& b);

// Has a view that applied up to `applied` seen everything that `wanted` names? conflict "another_incarnation" as above.
result<bool> covers(const position_token& applied, const position_token& wanted);

// The refusal of a token that belongs to another life of the journal.
error another_incarnation();

}  // namespace banyan
