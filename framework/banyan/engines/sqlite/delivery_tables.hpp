// The tables of a delivery store, in the database of a view:
//
//   dead_letters      position, event (its id, or empty: not kept then), stream, type, attempts, reason, payload
//   delivery_counts   a row (delivery_counts::row) of each event that did not go well
//   furthest_count    one row: the furthest position that was counted, and the epoch that wrote it
//   beginning         at most one row: the position behind which the group began
//
// Readers find nothing where there are no tables, and letters of older versions.
#pragma once

#include <banyan/cqrs/view_store.hpp>
#include <banyan/pub_sub/delivery_store.hpp>

#include <optional>
#include <vector>

namespace banyan::sqlite::delivery_tables {

// Those that are not there, and those of an older version anew with what is in them. Counts of another history than
// this are removed.
void prepare(view_writer& v, const journal_history& history, position head);

// All of a change but its checkpoint.
void store(view_writer& v, const delivery_change& change, const journal_history& history);

// After an operator's order: no counts.
void restart(view_writer& v, position checkpoint);

std::optional<position> beginning(view_reader& v);
std::vector<delivery_counts::row> counts(view_reader& v, position after);
std::vector<dead_letter> list(view_reader& v, const letter_place& after, std::size_t limit);
std::vector<dead_letter> find(view_reader& v, position at);
dead_letter_totals totals(view_reader& v);

}  // namespace banyan::sqlite::delivery_tables
