// The store's own table in a view's database, one row: how far the view has come, in which journal, and who owns it.
//
//   banyan_view    checkpoint, incarnation (of the journal that it is of: the epoch that wrote the checkpoint, as text, for people; empty:
//                  the view is new), owner: raised by everyone who opens the view
//
// All but the first two are called within a transaction.
#pragma once

#include <banyan/engines/sqlite/view_session.hpp>

namespace banyan::sqlite {

constexpr int view_format = 1;                           // pragma user_version

// The view's format, 0: the file is empty. unimplemented with reason "newer_format", corrupt when it is something else. Changes nothing.
result<int> check_view(database& db);
// The same, and creates the table in an empty file.
result<void> prepare_view(database& db);

struct view_row {
  position checkpoint = 0;
  uuid epoch = {};  // nil: it has none, or none that was known any more
  std::int64_t owner = 0;
  bool is_new = false;
};
result<view_row> read_view(view_session& s);
result<void> store_view(view_session& s, const view_row& row);

// Drops everything but the store's own table.
result<void> drop_tables(view_session& s);

}  // namespace banyan::sqlite
