// The embedded journal on SQLite: one database file, one writer thread with group commit, some reader threads.
//
// For a node that owns its data: nothing to install, a commit is on disk (fsync) before it is acknowledged, and
// hundreds of concurrent appends share one fsync. Not for a network file system, nor for two writing processes: the
// second one is refused.
//
//   auto journal = open_sqlite_journal({.path = "shop.db"});
//   if (!journal) return journal.error();
//   (*journal)->append(std::move(request), [](result<append_result> r) { ... }); // on the writer thread: do not block
//
// Files: `shop.db`, SQLite's `-wal` and `-shm` beside it, and `shop.db.lock`, on which the owner holds an flock while
// it runs. Other programs of the same user may read the file at any time, with `read_only` or with the sqlite3 tool;
// also a copy in a read-only folder, then without its `-wal`, as reported by journal_info::incomplete. Stored events
// are immutable, guarded by triggers (journal_guards.hpp); only answers to commands beyond their horizon are deleted.
// Tables, readable by people: streams, types, events, commands, snapshots, journal (incarnation), epochs (which
// opening wrote what), fences (the current token of each scope), facts (declared). Files are accessible to their owner
// only (private_files.hpp). A symbolic link as the database or its lock is refused; a file with several names (hard
// links) can only be read.
//
// A file of an older format is migrated when it is opened for writing, in one transaction, and older programs refuse
// it afterwards; opened for reading it is not changed. The migration needs space: on a full disk the file can only be
// read.
//
// Copies: of a stopped journal, copy the file; of a running one, the file and then its `-wal`, or use `sqlite3 shop.db
// ".backup"`. A file without its WAL lacks the newest events. After a copy is restored, those that remember the
// replaced journal notice by its history (journal/journal_history.hpp): views are rebuilt, tokens are refused,
// subscriptions wait for an operator.
//
// Failures:
//   - full queue: `exhausted` with retry_after 100 ms, at once;
//   - full disk or I/O error: every append of the batch answers `exhausted` with retry_after 1 s and is not applied;
//     reads work, and appends work again as soon as the disk does. If a commit failed, and the write that would
//     invalidate it too, the answer is `unavailable`, outcome unknown. While idle it probes the disk every
//     `probe_every`;
//   - read-only file (a mount, chattr +i): `unavailable` with reason "not_writable". Writing is tried when the journal
//     is opened, so that status() is correct before the first append;
//   - opened on a disk full to the last byte: readable, refuses appends until there is space. Other programs can not
//     read it until the owner opens it again;
//   - damaged file: the request that finds the damage, and all later ones, are answered `corrupt`, and status()
//     reports it. A file of up to `checked_bytes` is checked when it is opened, and refused if damaged;
//   - a missing event in a stream, or a gap between positions: `corrupt` with reason "event_missing", naming it;
//   - one of its files is removed, replaced or overwritten by another program while open: nothing is acknowledged any
//     more, and status().trouble is `corrupt` with reason "journal_lost". Detected by the next append, or within
//     `tidy_after`;
//   - one of its files gets a second name (a hard link) while open: appends work, and status() has a warning, since it
//     can not be opened again;
//   - destruction finishes the queue, then answers `unavailable` to later requests.
#pragma once

#include <banyan/journal/journal.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace banyan {

struct sqlite_journal_options {
  std::string path;                        // the database file; its folder must exist
  bool read_only = false;                  // no lock, no writer: append answers `unimplemented`, on_commit never calls
  // Reader threads, each with its own connection; 1 to 64. All but one may be busy with reading ahead for a replay.
  std::size_t readers = 3;
  std::size_t queue = 8192;                // appends accepted and not yet answered; at least 1
  std::size_t queue_bytes = 64 << 20;      // their total size, in bytes
  std::size_t batch = 1024;                // maximum of appends per transaction; at least 1
  std::size_t read_queue = 8192;           // reads accepted and not yet begun; at least 1
  std::size_t cached_streams = 100'000;    // streams whose version is cached by the writer (about 170 bytes each)
  std::size_t checkpoint_pages = 8'000;    // WAL pages (4 KiB) before a checkpoint
  std::size_t checked_bytes = 64 << 20;    // files up to this size are checked page by page at opening; 0: never
  std::chrono::milliseconds probe_every{1000};      // while idle and the disk is full: interval of probes for space
  std::chrono::milliseconds tidy_after{2000};       // while idle, repeatedly: checkpoints and truncates
                                                    // the WAL, and checks the files
  std::string vfs = {};                    // a registered sqlite3_vfs, for fault injection; empty: the default one
  const banyan::clock* clock = &system_clock();  // for recorded_at
};

// The newest format that this program supports, stored in the file (pragma user_version).
constexpr int sqlite_journal_format = 3;

// Opens or creates the journal. Errors: invalid_argument (an option out of range), not_found (read_only and no file),
// unavailable with reason "journal_owned" (another open journal owns it; the message names the process) or one of
// private_files.hpp, unimplemented with reason "newer_format", corrupt (not a journal, or damaged), exhausted (disk
// full).
result<std::unique_ptr<journal>> open_sqlite_journal(sqlite_journal_options options);

}  // namespace banyan
