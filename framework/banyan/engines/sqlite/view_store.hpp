// The view store on SQLite: one database file per view and version, one writer thread, some reader threads.
//
// Use it for a node's own views. Do not put its folder on a network file system.
//
//   auto store = open_sqlite_view_store({.view = {.name = "sales_by_month", .version = 2}, .folder = "run/views"});
//   if (!store) return store.error();                    // run/views/sales_by_month.v2.db
//   (*store)->open({info.history, info.head}, create_tables, [](result<view_store::state> s) { ... });
//
// Files: `<folder>/<name>.v<version>.db`, with `-wal` and `-shm` beside it while it is open. It can be read by people,
// with the sqlite3 tool, at any time; and deleted while nothing runs: the view is then built anew. Folder and files are
// for their owner alone (private_files.hpp).
//
// What survives what: a killed process loses nothing that was acknowledged. A power cut may take the view back to an
// earlier transaction (WAL with synchronous = NORMAL: no fsync per commit); rows and checkpoint go back together, and
// what is missing is folded again from the journal, which does sync. That is what makes a view's commit cost
// microseconds.
//
// For simulation and unit tests there is the same store in memory, where every call is done, and answered, before it
// returns, on the caller's thread. A `memory_view_disk` is what a simulated crash leaves: stores come and go, the disk
// stays.
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
  std::string folder;                                    // made when missing
  std::size_t write_queue = 64;                          // writes accepted and not yet begun; 1 and up
  std::size_t read_queue = 8192;                         // reads accepted and not yet begun; 1 and up
  timespan longest_wait = std::chrono::seconds{1};       // of the oldest read in the queue, before new ones are refused as "overloaded"
  timespan run_time = view_limits::run_time;             // of one statement
  std::string vfs = {};                                  // a registered sqlite3_vfs, for fault injection; empty: the default one
  const banyan::clock* clock = &system_clock();          // for run_time, deadlines and waits
};

// A file that is no view, can not be read as one or has other names (hard links) is kept as `<file>.unreadable` (the
// last one of each view) and a new one begun; damage that shows later is handled as view_store.hpp says. Errors:
// invalid_argument (an option out of bounds; field names it), unavailable (the folder or file can not be opened),
// unimplemented with reason "newer_format", exhausted (disk full).
result<std::unique_ptr<view_store>> open_sqlite_view_store(sqlite_view_options options);

// Views and delivery stores in memory, by name and version. Not for several threads at once.
class memory_view_disk {
 public:
  explicit memory_view_disk(const banyan::clock& clock = system_clock()) : clock_{&clock} {}

 private:
  friend class sqlite::view_file;
  const banyan::clock* clock_;
  std::map<std::string, std::shared_ptr<sqlite::view_executor>> views_;
};

// `readers` does not matter here. Errors: invalid_argument.
result<std::unique_ptr<view_store>> open_memory_view_store(memory_view_disk& disk, const view_options& view);
// With a disk of its own, gone with the store.
result<std::unique_ptr<view_store>> open_memory_view_store();

}  // namespace banyan
