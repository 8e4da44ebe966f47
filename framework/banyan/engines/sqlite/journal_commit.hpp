// Group commit: a thread that executes a queue of appends in transactions. Everything queued, up to a limit, shares
// one commit and its fsync, then each request is answered. The next batch gathers during the fsync.
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
  // `writer` is open already, so that the caller could report errors of the file.
  journal_commit(const sqlite_journal_options& options, std::unique_ptr<journal_writer> writer, std::shared_ptr<commit_watchers> watchers,
                 std::shared_ptr<journal_damage> damage);
  ~journal_commit();  // finishes what is queued

  // Call once, after the readers have opened the file: tries to write, so that status() is correct from then on, and
  // starts the thread.
  void start();
  void append(append_request request, std::size_t bytes, completion<append_result> done);
  void save(snapshot s, std::size_t bytes, completion<bool> done);
  // Any other change, in a transaction with appends. `perform(journal_writer&)` returns result<T>.
  template <class T, class F>
  void change(std::size_t bytes, F perform, completion<T> done) {
    submit(std::make_unique<change_of<T, F>>(std::move(perform), std::move(done)), bytes);
  }
  journal_status status() const;  // thread-safe

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

  std::optional<error> enqueue(task& t, std::size_t bytes, std::size_t share);  // none: accepted
  void work();
  // How long to wait for requests before look_after(); none: forever.
  std::optional<std::chrono::milliseconds> pause() const;
  void look_after();                                       // work while idle
  std::optional<error> lost();                             // whether the files or their content were lost
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
  position head_;                           // of the last successful commit
  bool is_in_trouble_ = false;              // the disk is in trouble, and may recover
  // The last position of any transaction that was, or may have been, committed.
  std::atomic<position> bound_;
  bool commit_in_doubt_ = false;            // the file may have a commit that was not acknowledged
  work_queue<task> queue_;
  std::atomic<std::size_t> pending_{0};     // accepted, not yet answered
  std::atomic<std::size_t> pending_bytes_{0};
  mutable std::mutex status_lock_;  // locked once per batch
  journal_status status_;
  instant recorded_at_;             // time of the last event
  std::thread thread_;
};

}  // namespace banyan::sqlite
