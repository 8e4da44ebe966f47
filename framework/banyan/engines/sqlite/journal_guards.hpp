// What is stored is not changed: triggers in the journal's file that refuse UPDATE, DELETE and REPLACE of events and of
// what gives them their meaning (names of streams and types, answers to commands, fences, declared facts), whichever
// program tries, with a sentence. Snapshots can be made again, so they are free. The journal's own connection does
// without triggers: what it takes back is of a transaction that is still open, what it forgets are commands beyond
// their horizon, and what it raises are tokens.
//
// They are part of no format: a program that does not know them reads and appends as before, and one that does adds
// them to a file that has none.
#pragma once

#include <banyan/engines/sqlite/database.hpp>

namespace banyan::sqlite {

// Adds those that are missing; writes nothing when all are there.
result<void> guard_stored_rows(database& db);

}  // namespace banyan::sqlite
