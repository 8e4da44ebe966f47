// The tables of a delivery store, in a view's database file:
//
//   dead_letters      position, event (id; empty: stored by an older version), stream, type, attempts, reason, payload
//   delivery_counts   a row (delivery_counts::row) per event with failed deliveries
//   furthest_count    one row: the furthest position counted, and the epoch that wrote it
//   beginning         at most one row: the position after which the group began
//
// Reads return nothing when a table is missing, and can read letters of older versions.
#pragma once

#include <banyan/cqrs/view_store.hpp>
#include <banyan/pub_sub/delivery_store.hpp>

#include <optional>
#include <vector>

namespace banyan::sqlite::delivery_tables {

// Creates missing tables, migrates those of older versions, and deletes counts of a history other than this.
void prepare(view_writer& v, const journal_history& history, position head);

// Stores all of a change but its checkpoint.
void store(view_writer& v, const delivery_change& change, const journal_history& history);

// For a reset by an operator: deletes the counts.
void restart(view_writer& v, position checkpoint);

std::optional<position> beginning(view_reader& v);
std::vector<delivery_counts::row> counts(view_reader& v, position after);
std::vector<dead_letter> list(view_reader& v, const letter_place& after, std::size_t limit);
std::vector<dead_letter> find(view_reader& v, position at);
dead_letter_totals totals(view_reader& v);

}  // namespace banyan::sqlite::delivery_tables
