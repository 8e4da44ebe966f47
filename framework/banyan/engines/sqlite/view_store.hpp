// The view store on SQLite: a database file per view and version, a writer thread, and reader threads.
//
// For a node's own views. Do not put the folder on a network file system.
//
//   auto store = open_sqlite_view_store({.view = {.name = "sales_by_month", .version = 2}, .folder = "run/views"});
//   if (!store) return store.error();                    // run/views/sales_by_month.v2.db
//   (*store)->open({info.history, info.head}, create_tables, [](result<view_store::state> s) { ... });
//
// Files: `<folder>/<name>.v<version>.db`, with `-wal` and `-shm` beside it while it is open. Readable with the sqlite3
// tool at any time; may be deleted while nothing runs: the view is then rebuilt. Folder and files are accessible to
// their owner only (private_files.hpp).
//
// Durability: a killed process loses nothing that was acknowledged. A power cut may take the view back to an earlier
// transaction (WAL with synchronous = NORMAL: no fsync per commit); rows and checkpoint go back together, and what is
// missing is folded again from the journal, which syncs. Hence a view's commit costs microseconds.
//
// The in-memory variant, for simulation and unit tests, executes every call, and answers it, before it returns, on the
// caller's thread. A `memory_view_disk` survives a simulated crash: stores are created and destroyed, the disk is
// kept.
//
//   memory_view_disk disk;                               // of one simulated node; outlives its crashes
//   auto store = open_memory_view_store(disk, {.name = "sales_by_month"});
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace banyan {

namespace sqlite {
class view_executor;
class view_file;
}

struct sqlite_view_options {
  view_options view = {};
  std::string folder;                                    // created if missing
  std::size_t write_queue = 64;                          // writes accepted and not yet begun; at least 1
  std::size_t read_queue = 8192;                         // reads accepted and not yet begun; at least 1
  // Of the oldest read; then new ones are refused as "overloaded".
  timespan longest_wait = std::chrono::seconds{1};
  timespan run_time = view_limits::run_time;             // of one statement
  // A registered sqlite3_vfs, for fault injection; empty: the default.
  std::string vfs = {};
  const banyan::clock* clock = &system_clock();          // for run_time, deadlines and waits
};

// A file that is not a view, is unreadable or has other names (hard links) is renamed to `<file>.unreadable` (only the
// last one of each view is kept), and a new one begun; for damage found later see cqrs/view_store.hpp. Errors:
// invalid_argument (an option out of range; field names it), unavailable (the folder or file can not be opened),
// unimplemented with reason "newer_format", exhausted (disk full).
result<std::unique_ptr<view_store>> open_sqlite_view_store(sqlite_view_options options);

// Views and delivery stores in memory, by name and version. Not thread-safe.
class memory_view_disk {
 public:
  explicit memory_view_disk(const banyan::clock& clock = system_clock()) : clock_{&clock} {}

 private:
  friend class sqlite::view_file;
  const banyan::clock* clock_;
  std::map<std::string, std::shared_ptr<sqlite::view_executor>> views_;
};

// `readers` is ignored. Errors: invalid_argument.
result<std::unique_ptr<view_store>> open_memory_view_store(memory_view_disk& disk, const view_options& view);
// With a disk of its own, which ends with the store.
result<std::unique_ptr<view_store>> open_memory_view_store();

}  // namespace banyan
