// Detects foreign writes to the main file of an open journal. A program that writes into it without SQLite (`cp
// backup.db shop.db` keeps the inode) removes acknowledged events, and the next checkpoint would mix both contents.
//
// In WAL mode only checkpoints, of any process, change the main file, and each one changes the WAL index
// (https://www.sqlite.org/walformat.html#the_wal_index_file_format). A foreign write is assumed when the file's time
// or size has changed, the index has not, and a sample of the content has changed too (the time alone can be set, and
// some file systems update it late). A WAL that is shorter than its index says was truncated by another program. Not
// detected: overwriting with the same content, or far from both ends of a large file without changing its size.
//
// Used on the connection's thread. The file is read through the connection: closing a separate descriptor would drop
// SQLite's locks.
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

  // Records the current content as SQLite's: after the connection's first read, and after each of its checkpoints.
  void remember(database& db);
  // False also when unknown. Two stat calls, unless something has changed.
  bool is_foreign(database& db);

 private:
  struct log_index {
    std::uint32_t frames = 0, page_size = 0, salts[2] = {}, backfilled = 0, attempted = 0;
    bool operator==(const log_index&) const = default;
    bool is_marked_since(const log_index& before) const;  // a checkpoint was made or is in progress
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
