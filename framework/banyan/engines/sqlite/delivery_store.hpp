// The delivery store on SQLite: a database file per group, named like a view and in the same folder; a writer thread
// and a reader thread.
//
//   const delivery_options mail{.topic = "orders.placed", .group = "mail"};
//   auto store = open_sqlite_delivery_store({.of = mail, .folder = "run/views"});
//   // run/views/subscription__orders_placed__mail.v1.db
//
// Acknowledged changes survive a killed process, and a power cut too (WAL with synchronous = FULL), but for those that
// only move the checkpoint: these are synced with the next change (synchronous = NORMAL), since there are many of them
// and all that a power cut does is that their events are delivered again. A file that is damaged, or was removed or
// replaced while open, is left as it is, and every request is answered `corrupt`.
//
// The in-memory variant executes every request, and answers it, before the call returns, on the caller's thread. Its
// disk is that of the views (view_store.hpp), which survives a simulated crash.
#pragma once

#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/pub_sub/delivery_store.hpp>

#include <memory>
#include <string>

namespace banyan {

struct sqlite_delivery_options {
  delivery_options of = {};
  std::string folder;      // created if missing
  bool read_only = false;  // for tools, beside the owner, single-threaded; not_found: the group never ran
  std::string vfs = {};    // a registered sqlite3_vfs, for fault injection; empty: the default
  const banyan::clock* clock = &system_clock();  // for deadlines and waits
};

// Errors: invalid_argument (topic and group give no valid file name), unavailable (folder or file can not be opened),
// corrupt with reason "store_damaged" (the file is unreadable, or no delivery store; it is left as it is),
// unimplemented with reason "newer_format", exhausted (disk full).
result<std::unique_ptr<delivery_store>> open_sqlite_delivery_store(const sqlite_delivery_options& options);

result<std::unique_ptr<delivery_store>> open_memory_delivery_store(memory_view_disk& disk, const delivery_options& of);
// With a disk of its own, which ends with the store.
result<std::unique_ptr<delivery_store>> open_memory_delivery_store(const delivery_options& of);

}  // namespace banyan
