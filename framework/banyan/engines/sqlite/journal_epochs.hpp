// The history of a journal in its file (event_sourcing/journal_history.hpp): table `epochs`, a row per opening that
// wrote an event.
//
// A file of format 1 has no such table. Its events are of one epoch, whose id is the journal's incarnation.
#pragma once

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/journal/journal_history.hpp>

namespace banyan::sqlite {

// As it is stored. An epoch that begins after `head` has written nothing and is left out.
result<journal_history> read_history(database& db, position head);

// Within the transaction of the first event under it; a second time changes nothing. Takes the place of one that had written nothing.
result<void> store_epoch(database& db, const journal_epoch& epoch);

}  // namespace banyan::sqlite
