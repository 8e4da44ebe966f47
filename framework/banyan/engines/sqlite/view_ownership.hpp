// Who writes a view's file: the transactions that take it over, write under that ownership, or read beside it. The same
// for a view store and a delivery store, which differ in what they make of another history. Each is one transaction on
// the session that is given.
#pragma once

#include <banyan/engines/sqlite/view_schema.hpp>
#include <banyan/engines/sqlite/view_session.hpp>
#include <banyan/journal/journal_history.hpp>

#include <functional>
#include <string>

namespace banyan::sqlite {

struct view_ownership {
  std::string of = "view";       // what is owned, for sentences and reasons: "view_taken"
  std::int64_t token = 0;        // 0: it is not open
  bool is_taken = true;          // false: the disk was full when it was opened, the first write takes it over
  journal_history history = {};  // that its checkpoints are of
};

// Writes its rows in the transaction that is open; what it throws rolls back and is the error.
using writer_body = std::function<void(view_writer&)>;
using reader_body = std::function<void(view_reader&)>;

// Takes over, and makes anew what is of another history. Keeps what it says when the disk has no room for it.
result<view_store::state> open_view(view_session& s, view_ownership& own, const view_store::source& of,
                                    const writer_body& create_tables);

// Takes over what is of the same history, and runs `body`, which is told the checkpoint. conflict with reason
// "another_history", and nothing is changed, otherwise.
result<position> take_over_view(view_session& s, view_ownership& own, const journal_history& history, position head,
                                const std::function<void(view_writer&, position checkpoint)>& body);

// Sets the checkpoint wherever the journal has a position. Nobody owns the view then.
result<position> restart_view(view_session& s, view_ownership& own, const journal_history& history, position head,
                              position at, const writer_body& body);

result<position> write_view(view_session& s, view_ownership& own, const writer_body& body, position checkpoint);

// Answers the checkpoint of the snapshot.
result<position> read_from_view(view_session& s, const reader_body& body);

}  // namespace banyan::sqlite
