// The embedded journal: one SQLite file, one writer thread whose queue is the group commit, some reader threads.
//
// Use it for a node that owns its data: nothing to install, a commit is on disk (fsync) before it is acknowledged, and
// hundreds of concurrent appends share one fsync. Do not use it on a network file system, or from two writing
// processes: the second one is refused. For journals shared by many nodes there is the PostgreSQL engine.
//
//   auto journal = open_sqlite_journal({.path = "shop.db"});
//   if (!journal) return journal.error();
//   (*journal)->append(std::move(request), [](result<append_result> r) { ... });     // called on the writer thread: be quick
//
// Files: `shop.db` with `-wal` and `-shm` beside it (SQLite's), and `shop.db.lock`, held with flock by the owner while
// it runs. Other programs of the same user may read the file at any time: open it with `read_only`, or with the sqlite3
// tool; also a copy in a folder that may not be written, then without its `-wal`, which journal_info::incomplete says.
// What is stored is never changed, and triggers refuse to (journal_guards.hpp); answers to commands beyond their
// horizon are forgotten, that is all. Its tables are meant to be read by people: streams, types, events, commands,
// snapshots, journal (incarnation), epochs (which opening wrote what), fences (the token that holds for each scope),
// facts (what was declared). Files are for their owner alone (private_files.hpp); a symbolic link is refused in the
// place of the database or of its lock, and so is a file with several names (hard links): it can be read only.
//
// A file of an older format is brought to the present one when it is opened for writing, in one transaction; opened for
// reading it stays as it is. There must be room for that: on a full disk it can only be read until there is. Programs
// of before refuse the file then.
//
// Copies: of a stopped journal the file; of a running one the file and its `-wal`, one after the other, or what
// `sqlite3 shop.db ".backup"` makes. A file without its log lacks the newest events. When a copy is put back, whatever
// remembers the journal that was in its place finds out by the history (event_sourcing/journal_history.hpp): views are
// built anew, tokens are refused, subscriptions wait for an operator.
//
// Behaviour under trouble:
//   - full queue: `exhausted` with retry_after 100 ms, at once;
//   - full disk or I/O error: every append of the batch answers `exhausted` with retry_after 1 s and is not applied; reads go on, later
//     appends work as soon as the disk does. When even that is unknown (the commit failed and so did the write that would bury
//     it) the answer is `unavailable` with outcome unknown. While nothing is asked it looks every `probe_every` whether there is room again;
//   - a file that may be read only (a mount, chattr +i): `unavailable` with reason "not_writable". Whether anything can be written is tried
//     when the journal is opened, so that status() knows it before the first append;
//   - opened on a disk that is full to the last byte: it can be read and refuses appends until there is room. Other programs can not read it
//     beside its owner then, until the owner opens it anew;
//   - damaged file: what finds it is answered `corrupt`, and so is everything from then on; status() says so. A file up to `checked_bytes`
//     is looked through when it is opened, and refused when it is damaged;
//   - an event that is missing in a stream or between two positions: `corrupt` with reason "event_missing", naming it;
//   - a file of it that is removed, replaced or overwritten by another program while it is open: nothing is acknowledged any more, and status()
//     has `corrupt` with reason "journal_lost" as its trouble. Found out by the next append, or within `tidy_after`;
//   - a file of it that gets a second name (a hard link) while it is open: storing goes on, and status() warns, since it can not be opened again;
//   - destruction finishes what is queued, then answers `unavailable` to whatever still comes.
#pragma once

#include <banyan/journal/journal.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace banyan {

struct sqlite_journal_options {
  std::string path;                        // of the database file; its folder must exist
  bool read_only = false;                  // no lock, no writer: append answers `unimplemented`, on_commit never calls
  std::size_t readers = 2;                 // threads for load and read, each with a connection of its own; 1 to 64
  std::size_t queue = 8192;                // appends accepted and not yet answered; 1 and up
  std::size_t queue_bytes = 64 << 20;      // their total size
  std::size_t batch = 1024;                // most appends in one transaction; 1 and up
  std::size_t read_queue = 8192;           // reads accepted and not yet begun; 1 and up
  std::size_t cached_streams = 100'000;    // streams whose version the writer remembers (about 170 bytes each)
  std::size_t checkpoint_pages = 8'000;    // WAL pages (4 KiB) after which they are moved into the main file
  std::size_t checked_bytes = 64 << 20;    // a file up to this size is checked page by page when it is opened; 0: never
  std::chrono::milliseconds probe_every{1000};      // while the disk is full and nothing is asked: is there room again?
  std::chrono::milliseconds tidy_after{2000};       // without an append: then the WAL is moved into the main file and cut to nothing, and
                                                    // the files are looked at, again and again
  std::string vfs = {};                    // a registered sqlite3_vfs, for fault injection; empty: the default one
  const banyan::clock* clock = &system_clock();  // for recorded_at
};

// The highest format number that this program understands, stored in the file (pragma user_version).
constexpr int sqlite_journal_format = 3;

// Opens or creates the journal. Errors: invalid_argument (an option out of bounds), not_found (read_only and no file), unavailable
// with reason "journal_owned" (another writer has it; the sentence names its process) or one of private_files.hpp, unimplemented with reason
// "newer_format", corrupt (not a journal, or damaged), exhausted (disk full).
result<std::unique_ptr<journal>> open_sqlite_journal(sqlite_journal_options options);

}  // namespace banyan
