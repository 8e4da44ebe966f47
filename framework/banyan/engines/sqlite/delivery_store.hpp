// The delivery store on SQLite: one database file per group, one writer thread and one reader thread. Beside the views,
// and named as a view.
//
//   const delivery_options mail{.topic = "orders.placed", .group = "mail"};
//   auto store = open_sqlite_delivery_store({.of = mail, .folder = "run/views"});
//   // run/views/subscription__orders_placed__mail.v1.db
//
// Every commit is synced (WAL with synchronous = FULL): what was acknowledged survives a killed process and a power
// cut. A file that is damaged, or that was removed or replaced while it is open, is left as it is, and every request
// answered with `corrupt`.
//
// In memory there is the same store, where every request is done, and answered, before the call returns, on the
// caller's thread. The disk is the one that views are on (view_store.hpp); it is what a simulated crash leaves.
#pragma once

#include <banyan/engines/sqlite/view_store.hpp>
#include <banyan/pub_sub/delivery_store.hpp>

#include <memory>
#include <string>

namespace banyan {

struct sqlite_delivery_options {
  delivery_options of = {};
  std::string folder;      // made when missing
  bool read_only = false;  // for tools, beside the owner, not for several threads; not_found: the group never ran
  std::string vfs = {};    // a registered sqlite3_vfs, for fault injection; empty: the default one
  const banyan::clock* clock = &system_clock();  // for deadlines and waits
};

// Errors: invalid_argument (topic and group make no file's name), unavailable (folder or file can not be opened),
// corrupt with reason "store_damaged" (the file can not be read, or is no delivery store: it is left alone),
// unimplemented with reason "newer_format", exhausted (disk full).
result<std::unique_ptr<delivery_store>> open_sqlite_delivery_store(const sqlite_delivery_options& options);

result<std::unique_ptr<delivery_store>> open_memory_delivery_store(memory_view_disk& disk, const delivery_options& of);
// With a disk of its own, gone with the store.
result<std::unique_ptr<delivery_store>> open_memory_delivery_store(const delivery_options& of);

}  // namespace banyan
