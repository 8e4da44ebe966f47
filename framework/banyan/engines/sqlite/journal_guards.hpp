// Immutability triggers in the journal's file: refuse UPDATE, DELETE and REPLACE of events and of what they depend on
// (names of streams and types, answers to commands, fences, declared facts), by any program, with an error message.
// Snapshots are derived data, and not guarded. The journal's own connection disables triggers: it deletes events only
// of a transaction that is still open, and commands beyond their horizon, and raises tokens.
//
// They do not affect the format: a program without them reads and appends as before, and one with them adds them to a
// file that has none.
#pragma once

#include <banyan/engines/sqlite/database.hpp>

namespace banyan::sqlite {

// Adds missing triggers; writes nothing when all exist.
result<void> guard_stored_rows(database& db);

}  // namespace banyan::sqlite
