// Does the main file of an open journal hold what SQLite wrote there? A program that writes into it without asking SQLite
// (`cp backup.db shop.db` keeps the inode) takes away what was acknowledged before, and the next checkpoint would mix both.
//
// In WAL mode the main file changes by checkpoints alone, whichever process makes them, and each leaves its mark in the index of the log
// (https://www.sqlite.org/walformat.html#the_wal_index_file_format): so it is foreign writing when time or size of the file have changed,
// the mark has not, and a sample of the content has changed as well. The time alone can be set, and some file systems settle it late. A log
// that is shorter than its index says was cut by somebody else, too. Not noticed is what was overwritten with the very same, or far from both
// ends of a large file without changing its size.
//
// For the thread of the connection. The file is read through the connection: closing a descriptor of its own would drop SQLite's locks.
#pragma once

#include <banyan/engines/sqlite/database.hpp>

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

namespace banyan::sqlite {

class journal_content {
 public:
  explicit journal_content(std::string path) : path_{std::move(path)} {}

  // What is there now is SQLite's: of a connection that has read, and after each checkpoint that it made.
  void remember(database& db);
  // False when that can not be told. Two stat calls, unless something has changed.
  bool is_foreign(database& db);

 private:
  struct log_index {
    std::uint32_t frames = 0, page_size = 0, salts[2] = {}, backfilled = 0, attempted = 0;
    bool operator==(const log_index&) const = default;
    bool is_marked_since(const log_index& before) const;  // a checkpoint was made or is under way
  };
  struct state {
    log_index index;
    off_t size = 0;
    timespec time{};
    std::size_t sample = 0;
  };
  static std::optional<log_index> index_of(database& db);
  static std::optional<std::size_t> sample_of(database& db, off_t size);
  bool is_cut_short(const log_index& log) const;

  const std::string path_;
  std::optional<state> known_;
};

}  // namespace banyan::sqlite
