// One thread that turns a queue of appends into transactions: everything queued, up to a bound, shares one commit and its fsync, then
// each is answered. While it waits for the disk the next batch gathers: that is the whole group commit.
#pragma once

#include <banyan/engines/sqlite/journal_damage.hpp>
#include <banyan/engines/sqlite/journal_files.hpp>
#include <banyan/engines/sqlite/journal_queue.hpp>
#include <banyan/engines/sqlite/journal_writer.hpp>
#include <banyan/journal/commit_watchers.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <variant>

namespace banyan::sqlite {

class journal_commit {
 public:
  // `writer` has been opened already, so that the caller could report what is wrong with the file.
  journal_commit(const sqlite_journal_options& options, std::unique_ptr<journal_writer> writer, std::shared_ptr<commit_watchers> watchers,
                 std::shared_ptr<journal_damage> damage);
  ~journal_commit();  // finishes what is queued

  // Once, when the readers have the file open, too: tries whether anything can be stored, which status() knows from here on, and begins to work.
  void start();
  void append(append_request request, std::size_t bytes, completion<append_result> done);
  void save(snapshot s, std::size_t bytes, completion<bool> done);
  // `perform(journal_writer&)` returns result<T>: another change, which is part of a transaction as an append is.
  template <class T, class F>
  void change(std::size_t bytes, F perform, completion<T> done) {
    submit(std::make_unique<change_of<T, F>>(std::move(perform), std::move(done)), bytes);
  }
  journal_status status() const;  // from any thread

 private:
  struct append_task {
    append_request request;
    completion<append_result> done;
    std::size_t bytes = 0;
    std::optional<result<append_result>> answer = std::nullopt;
  };
  struct snapshot_task {
    snapshot state;
    completion<bool> done;
    std::size_t bytes = 0;
    bool saved = false;
  };
  struct other_change {
    virtual ~other_change() = default;
    virtual void perform(journal_writer& writer) = 0;
    virtual void refuse(const error& why) = 0;
    virtual void answer() = 0;
  };
  template <class T, class F>
  struct change_of final : other_change {
    change_of(F p, completion<T> d) : act{std::move(p)}, done{std::move(d)} {}
    void perform(journal_writer& writer) override { outcome_of_it.emplace(act(writer)); }
    void refuse(const error& why) override { outcome_of_it.emplace(why); }
    void answer() override { done(std::move(*outcome_of_it)); }
    F act;
    completion<T> done;
    std::optional<result<T>> outcome_of_it;
  };
  struct change_task {
    std::unique_ptr<other_change> change;
    std::size_t bytes = 0;
    bool is_stored = false;
  };
  using task = std::variant<append_task, snapshot_task, change_task>;
  void submit(std::unique_ptr<other_change> c, std::size_t bytes);

  std::optional<error> enqueue(task& t, std::size_t bytes, std::size_t share);  // the error when it was not accepted
  void work();
  std::optional<std::chrono::milliseconds> pause() const;  // how long to wait for appends before look_after(); none: for ever
  void look_after();                                       // while nothing is asked
  std::optional<error> lost();                             // the files, or what was in them
  void probe();
  void commit(std::span<task> batch);
  void perform(std::span<task> batch);
  error recover(const storage_failure& failure, bool committing);
  void open_again();
  static void refuse(std::span<task> batch, const error& why);
  void answer(std::span<task> batch);
  void note(std::span<const task> batch, std::optional<error> trouble);

  const sqlite_journal_options& options_;
  std::shared_ptr<commit_watchers> watchers_;
  std::shared_ptr<journal_damage> damage_;
  journal_files files_;
  bool loss_is_told_ = false;
  std::unique_ptr<journal_writer> writer_;  // null after a failure, until it opens again
  const journal_epoch epoch_;               // of this opening
  position head_;                           // of the last commit known to be good
  bool is_in_trouble_ = false;              // with the disk, which may have room again
  std::atomic<position> bound_;             // the last position of a transaction that was ever committed, or may have been
  bool commit_in_doubt_ = false;            // the file may hold a commit that was not acknowledged
  work_queue<task> queue_;
  std::atomic<std::size_t> pending_{0};     // accepted and not yet answered
  std::atomic<std::size_t> pending_bytes_{0};
  mutable std::mutex status_lock_;  // taken once in a batch
  journal_status status_;
  instant recorded_at_;             // of the last event
  std::thread thread_;
};

}  // namespace banyan::sqlite
