// A thread that moves the journal's log (WAL) into the main file while the writer goes on appending, on a connection of its own.
//
// Why not on the writer's thread: a checkpoint reads and writes scattered pages of a large file and syncs it, and every append that comes
// meanwhile waits for its end. On a journal of 2,000,000 events, with 64 appends under way, the slowest hundredth of appends took 276 ms
// with the checkpoint on the writer's thread and 62 ms with one beside it (medians of five runs in turn, two shared cores, 2.6 thousand
// appends a second in both). The price is disk: while appends never pause, the log can not begin anew, and grows until the writer makes a
// checkpoint itself (journal_writer.cpp says when).
#pragma once

#include <banyan/engines/sqlite/database.hpp>
#include <banyan/engines/sqlite/journal.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace banyan::sqlite {

class journal_checkpointer {
 public:
  static result<std::unique_ptr<journal_checkpointer>> start(const sqlite_journal_options& options);
  ~journal_checkpointer();  // waits for the checkpoint under way

  void ask();  // for one; returns at once. What fails now is done with the next one

 private:
  explicit journal_checkpointer(database db) : db_{std::move(db)}, thread_{[this] { work(); }} {}
  void work();

  database db_;
  std::mutex mutex_;
  std::condition_variable asked_;
  bool is_asked_ = false;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace banyan::sqlite
