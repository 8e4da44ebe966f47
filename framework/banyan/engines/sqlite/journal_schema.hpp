// The journal's file: its tables, its format number, and how a connection to it is opened.
//
//   journal    incarnation, and a counter that is raised to bury a commit of unknown fate
//   streams    name <-> number; a stream's version is that of its last event
//   types      stored type names
//   events     one row per event, in position order; unique by id, and by stream and version
//   commands   what was answered to which command, per stream in order, and when
//   snapshots  the newest one of a stream
//   epochs     the openings that wrote events, by their first position (journal_epochs.hpp)
//   fences     the largest token of each scope
//   facts      what was declared of this journal
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

namespace banyan::sqlite {

// Connections for the writer (creates the file, its tables and the triggers that guard them, when they are missing) and for a reader.
result<database> open_journal_writer(const sqlite_journal_options& options);
// `incomplete` gets a sentence when the log beside a copy could not be read.
result<database> open_journal_reader(const sqlite_journal_options& options, std::string& incomplete);

// Looks through every page of a file of at most `checked_bytes`: a larger one would keep the start waiting. `corrupt`, naming the first
// thing that is wrong.
result<void> check_pages(database& db, const sqlite_journal_options& options);

// What to tell of an error that came when the journal was opened: names the file.
error about_opening(const std::string& path, error e);

// How long the writer waits for others when it needs the log for itself.
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
