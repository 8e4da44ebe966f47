// Migrations from older formats, run when a file is opened for writing: in one transaction, so that a process killed
// meanwhile leaves the old file or the new one. Stored rows are not rewritten, so the duration does not depend on the
// journal's length.
//
//   1   no epochs: all events are of one, whose id is the journal's incarnation
//   2   no fences, no facts, no times of commands: stored commands get the time of the migration
//   3   the current format
//
// A file that is opened for reading is not changed; all formats can be read.
#pragma once

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

namespace banyan::sqlite {

// Does nothing for the current format. The caller checks an older file for damage first (check_pages). Errors:
// `exhausted` when there is no space; then the file can only be read.
result<void> migrate(database& db, const sqlite_journal_options& options);

}  // namespace banyan::sqlite
