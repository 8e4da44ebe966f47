// The blocked events of a view, held behind one that can not be applied: a table beside the view's rows, written in
// the same transaction as rows and checkpoint, so that every event up to the checkpoint is either applied or in this
// table.
//
//   banyan_held    position (primary key), version, stream, reason; events themselves stay in the journal
//
// For people: `select * from banyan_held where reason <> ''` in the view's file lists the causes. Written by the
// projection only.
#pragma once

#include <banyan/cqrs/projection_progress.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <optional>
#include <vector>

namespace banyan {

// By ascending position. Empty optional when there is no table: the view was never written to.
std::optional<std::vector<blocked_event>> read_blocked_events(view_reader& v);
// The same; creates a missing table.
std::vector<blocked_event> load_blocked_events(view_writer& v);

// Stores the additions and removals of `plan`.
void store_blocked_events(view_writer& v, const batch_plan& plan);

}  // namespace banyan
