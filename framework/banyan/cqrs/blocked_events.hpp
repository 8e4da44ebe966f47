// The events of a view that are blocked behind one that can not be applied: a table of its own beside the view's rows, written in the same transaction as rows and
// checkpoint, so that what is applied and what is held always add up to what was read.
//
//   banyan_held    position (primary key), version, stream, reason; events themselves stay in the journal
//
// For people: `select * from banyan_held where reason <> ''` in the view's file says what is wrong. Written by the projection alone.
#pragma once

#include <banyan/cqrs/projection_progress.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <optional>
#include <vector>

namespace banyan {

// In order of positions. Nothing when there is no table: the view was never written to.
std::optional<std::vector<blocked_event>> read_blocked_events(view_reader& v);
// The same, and makes the table when it is missing.
std::vector<blocked_event> load_blocked_events(view_writer& v);

// What `plan` holds and no longer holds.
void store_blocked_events(view_writer& v, const batch_plan& plan);

}  // namespace banyan
