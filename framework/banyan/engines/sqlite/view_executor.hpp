// Executes the jobs of a view: on threads, each with its own connection, or synchronously on the caller's thread. The
// view store that uses it is the same code in both cases.
#pragma once

#include <banyan/engines/sqlite/view_read_queue.hpp>
#include <banyan/engines/sqlite/view_session.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace banyan::sqlite {

// A connection leased to a thread; returned by destruction.
class session_lease {
 public:
  session_lease(view_session& s, std::atomic<bool>& taken) : session_{&s}, taken_{&taken} {}
  session_lease(session_lease&& other) noexcept
      : session_{other.session_}, taken_{std::exchange(other.taken_, nullptr)} {}
  session_lease& operator=(session_lease&&) = delete;
  ~session_lease() {
    if (!taken_) return;
    taken_->store(false, std::memory_order_release);
    taken_->notify_all();
  }
  view_session& session() const { return *session_; }

 private:
  view_session* session_;
  std::atomic<bool>* taken_;
};

class view_executor {
 public:
  virtual ~view_executor() = default;
  virtual void on_writer(view_job job) = 0;              // one at a time, in order
  virtual void on_reader(view_job job, read_limits limits) = 0;
  // A connection for a read on the caller's thread; none: all are in use.
  virtual std::optional<session_lease> lease_session() { return std::nullopt; }
  // Finishes running jobs, refuses waiting and later ones, and closes all connections before it returns.
  virtual void close() {}
  // The same, but interrupts running reads.
  virtual void stop() {}
  virtual view_store_status status() const { return {}; }
};

struct view_queues {
  std::size_t writes = 64;
  std::size_t reads = 8192;
  nanoseconds longest_wait = std::chrono::seconds{1};    // of a read, before new ones are refused
};

// A writer thread, a reader thread per session in `readers`, a bounded queue for each, and the sessions in `lent` for
// reads on callers' threads. Close it before its last owner drops it: that may be one of its own threads.
std::unique_ptr<view_executor> make_view_threads(std::unique_ptr<view_session> writer,
                                                 std::vector<std::unique_ptr<view_session>> readers,
                                                 std::vector<std::unique_ptr<view_session>> lent,
                                                 const view_queues& queues, const banyan::clock& clock);

// One connection for all jobs. A job submitted from within another one runs right after it, before the outer call
// returns. A job may drop the last owner of the executor.
std::shared_ptr<view_executor> make_view_inline(std::unique_ptr<view_session> session);

}  // namespace banyan::sqlite
