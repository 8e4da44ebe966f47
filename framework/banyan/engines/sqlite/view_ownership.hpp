// Write ownership of a view's file: transactions that take it over, write as its owner, or read beside it. Shared by
// view stores and delivery stores, which handle another history differently. Each function is one transaction on the
// session.
#pragma once

#include <banyan/engines/sqlite/view_schema.hpp>
#include <banyan/engines/sqlite/view_session.hpp>
#include <banyan/journal/journal_history.hpp>

#include <functional>
#include <string>

namespace banyan::sqlite {

struct view_ownership {  // for messages and reasons: "view_taken"
  std::string of = "view";       // what is owned, for sentences and reasons: "view_taken"
  std::int64_t token = 0;        // 0: not open
  bool is_taken = true;          // false: the disk was full at opening; the first write takes over
  journal_history history = {};  // of its checkpoints
};

// Writes rows in the open transaction; an exception rolls it back, and becomes the error.
using writer_body = std::function<void(view_writer&)>;
using reader_body = std::function<void(view_reader&)>;

// Takes over, and recreates a view that is new or of another history. On a full disk, an unchanged view is opened
// without taking over.
result<view_store::state> open_view(view_session& s, view_ownership& own, const view_store::source& of,
                                    const writer_body& create_tables);

// Takes over if the checkpoint is of the same history, and runs `body` with it. Otherwise conflict with reason
// "another_history", and nothing is changed.
result<position> take_over_view(view_session& s, view_ownership& own, const journal_history& history, position head,
                                const std::function<void(view_writer&, position checkpoint)>& body);

// Sets the checkpoint to any position that the journal has. The view has no owner afterwards.
result<position> restart_view(view_session& s, view_ownership& own, const journal_history& history, position head,
                              position at, const writer_body& body);

result<position> write_view(view_session& s, view_ownership& own, const writer_body& body, position checkpoint);

// Returns the checkpoint of the snapshot.
result<position> read_from_view(view_session& s, const reader_body& body);

}  // namespace banyan::sqlite
