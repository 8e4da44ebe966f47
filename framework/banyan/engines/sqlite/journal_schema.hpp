// The journal's file: tables, format number, and opening of connections.
//
//   journal    incarnation, and a counter that is raised to invalidate a commit of unknown outcome
//   streams    name <-> number; a stream's version is that of its last event
//   types      stored type names
//   events     a row per event, in position order; unique by id, and by stream and version
//   commands   answers to commands, per stream in order, with their times
//   snapshots  the newest one of each stream
//   epochs     the openings that wrote events, by their first position (journal_epochs.hpp)
//   fences     the largest token of each scope
//   facts      facts declared of this journal
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

namespace banyan::sqlite {

// Connections for the writer (creates the file, its tables and their triggers if missing) and for a reader.
result<database> open_journal_writer(const sqlite_journal_options& options);
// Sets `incomplete` to a sentence when the WAL beside a copy could not be read.
result<database> open_journal_reader(const sqlite_journal_options& options, std::string& incomplete);

// Checks every page of a file of at most `checked_bytes`: for a larger one it would delay the start. Errors:
// `corrupt`, naming the first defect.
result<void> check_pages(database& db, const sqlite_journal_options& options);

// Adds the file to an error of opening the journal.
error about_opening(const std::string& path, error e);

// How long the writer waits for readers when it needs the WAL exclusively.
constexpr std::chrono::milliseconds writer_patience{1000};

result<uuid> read_incarnation(database& db);

constexpr auto epochs_table = "create table epochs(begins integer primary key, id blob not null);";

constexpr auto fences_and_facts =
    "create table fences(scope text primary key, token integer not null) without rowid;"
    "create table facts(key text primary key, value text not null) without rowid;";

inline uuid to_uuid(std::span<const std::uint8_t> bytes) {
  uuid id;
  if (bytes.size() == id.bytes.size()) std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

}  // namespace banyan::sqlite
