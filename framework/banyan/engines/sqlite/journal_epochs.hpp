// The history of a journal (journal/journal_history.hpp) in its file: table `epochs`, a row per opening that wrote an
// event.
//
// A file of format 1 has no such table. Its events are of one epoch, whose id is the journal's incarnation.
#pragma once

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/journal/journal_history.hpp>

namespace banyan::sqlite {

// The stored history, without an epoch that begins after `head`: it wrote nothing.
result<journal_history> read_history(database& db, position head);

// Call in the transaction of the epoch's first event; idempotent. Replaces an epoch that wrote nothing.
result<void> store_epoch(database& db, const journal_epoch& epoch);

}  // namespace banyan::sqlite
