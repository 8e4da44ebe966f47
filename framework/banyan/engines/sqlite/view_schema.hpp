// The store's own table in a view's database, with one row: the checkpoint, its journal, and the owner.
//
//   banyan_view    checkpoint, incarnation (the epoch that wrote the checkpoint, as text, empty when the view is new),
//                  owner (a token, raised by every opening)
//
// All functions but the first two must be called in a transaction.
#pragma once

#include <banyan/engines/sqlite/view_session.hpp>

namespace banyan::sqlite {

constexpr int view_format = 1;                           // pragma user_version

// The format of the view; 0: the file is empty. Errors: unimplemented with reason "newer_format"; corrupt: not a view.
// Changes nothing.
result<int> check_view(database& db);
// The same, and creates the table in an empty file.
result<void> prepare_view(database& db);

struct view_row {
  position checkpoint = 0;
  uuid epoch = {};  // nil: none, or no longer known
  std::int64_t owner = 0;
  bool is_new = false;
};
result<view_row> read_view(view_session& s);
result<void> store_view(view_session& s, const view_row& row);

// Drops all tables but the store's own.
result<void> drop_tables(view_session& s);

}  // namespace banyan::sqlite
