// Files accessible to their owner only: a node stores its users' data, and whoever can open a lock file can lock it.
//
// Folders are created with mode 0700, files with 0600, whatever the umask. SQLite gives `-wal` and `-shm` the
// database's mode. Existing files of ours are restricted to 0600. An existing folder keeps its mode, since it may be
// anything (a home, /tmp, a mounted disk), unless it belongs to the engine alone (`keep::private_`).
//
//   if (auto made = private_folder("run/shop"); !made) return made.error();
//   if (auto made = private_file("run/shop/shop.db"); !made) return made.error();
//   database::open({.path = "run/shop/shop.db"});
//
// Errors: unavailable, with a message and the system's reason; reason "symbolic_link" when a file is one, "hard_link"
// when it has other names, and "not_a_regular_file". Two names of a database would have two lock files, and so two
// writers; and in a folder that others can write to, a link could redirect our writes.
#pragma once

#include <banyan/core/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace banyan::sqlite {

constexpr std::string_view hard_link = "hard_link", irregular_file = "not_a_regular_file";

// The system's message for an errno; for too many open files with the limit, which SQLite does not report.
std::string system_reason(int number);

enum class keep : std::uint8_t { mode, private_ };

// Creates the folder, and missing ones above it.
result<void> private_folder(const std::string& path, keep existing = keep::mode);

// A sentence for the log when others can write to the folder (and so replace files in it); otherwise empty.
std::string folder_is_open_to_others(const std::string& path);

// Creates an empty database file if missing; restricts it and its `-wal` and `-shm` if they are ours.
result<void> private_file(const std::string& path);

// Call before opening a database, also for reading, since opening a pipe blocks until somebody writes to it. The error
// when the file, its `-wal` or its `-shm` exists and is not a regular file; symbolic links are followed.
std::optional<error> find_irregular_file(const std::string& path);

}  // namespace banyan::sqlite
