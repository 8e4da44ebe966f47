// Files of older formats, which are brought to the present one when they are opened for writing: in one transaction, so
// that a process that is killed meanwhile leaves the old file or the new one. Nothing that is stored is written anew,
// so it takes no longer with a long journal.
//
//   1   no epochs: all its events are of one, whose id is the journal's incarnation
//   2   no fences, no facts, and not known when a command was answered: from the migration on they are as old as that
//   3   the present one
//
// A file that is opened for reading only stays as it is, and is read in every format.
#pragma once

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

namespace banyan::sqlite {

// Nothing when the format is the present one. The file must be sound: an old one is checked before (check_pages).
// `exhausted` when there is no room for it: then the file can be read only until there is.
result<void> migrate(database& db, const sqlite_journal_options& options);

}  // namespace banyan::sqlite
