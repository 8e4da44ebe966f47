// Files that only their owner may read: what a node stores is its users' data, and who may open a lock file may hold its lock.
//
// Folders that are made here have mode 0700, files 0600, whatever the umask. SQLite gives `-wal` and `-shm` the mode of the database.
// What is there already and ours: files are tightened to 0600; a folder is left as it is, since it may be anything (a home, /tmp, a
// mounted disk), but for one that belongs to the engine alone (`keep::private_`).
//
//   if (auto made = private_folder("run/shop"); !made) return made.error();
//   if (auto made = private_file("run/shop/shop.db"); !made) return made.error();
//   database::open({.path = "run/shop/shop.db"});
//
// Errors: unavailable, with a sentence and the system's reason; reason "symbolic_link" when a file is one, "hard_link" when it has other names,
// and "not_a_regular_file". Two names of one database would have two lock files and so two writers; and in a folder that others write to a
// link would make us write where they want.
#pragma once

#include <banyan/core/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace banyan::sqlite {

constexpr std::string_view hard_link = "hard_link", irregular_file = "not_a_regular_file";

// The system's sentence for an errno; for too many open files with the limit, which SQLite does not tell.
std::string system_reason(int number);

enum class keep : std::uint8_t { mode, private_ };

// Makes the folder and those above it that are missing.
result<void> private_folder(const std::string& path, keep existing = keep::mode);

// Others may write to it (and so replace files in it); a sentence about that, or empty. For the log.
std::string folder_is_open_to_others(const std::string& path);

// Makes the database's file, empty, when it is missing; tightens it and its `-wal` and `-shm` when they are ours.
result<void> private_file(const std::string& path);

// Before a database is opened, for reading too: whoever opens a pipe waits until somebody writes to it. The error when the file, its `-wal` or
// its `-shm` is there and no regular file; a symbolic link is followed.
std::optional<error> find_irregular_file(const std::string& path);

}  // namespace banyan::sqlite
