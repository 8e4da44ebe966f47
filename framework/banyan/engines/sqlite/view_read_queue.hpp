// The reads of a view that wait for a reader thread: bounded in number and in time. A read that is due, or whose asker is gone, is answered
// without being done; when the oldest one has waited for longer than the bound, new ones are refused, since they would only be answered
// when nobody wants to know any more.
//
//   view_read_queue queue{{.most = 8192, .readers = 2, .longest_wait = 1s}, clock};
//   queue.push(job, limits);                              // by anybody
//   while (auto read = queue.take(when_idle)) { run(*read); queue.ended(); }   // by each reader thread
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/cqrs/view_store.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace banyan::sqlite {

class view_session;

// Something to do with a connection; an error instead of one when it is never going to be done.
using view_job = completion<view_session*>;

class view_read_queue {
 public:
  static constexpr std::chrono::milliseconds idle_after{10};
  struct bounds {
    std::size_t most = 8192;
    int readers = 1;
    nanoseconds longest_wait = std::chrono::seconds{1};
  };
  struct read {
    view_job job;
    read_limits limits;
    monotonic since{};
  };

  view_read_queue(bounds b, const banyan::clock& clock) : bounds_{b}, clock_{clock} {}

  void push(view_job job, read_limits limits);  // answers at once what it does not accept
  // Waits; nothing once it is closed and empty. Calls `when_idle` once when nothing has come for `idle_after`.
  std::optional<read> take(const std::function<void()>& when_idle);
  void ended();                                 // one that was taken has been answered
  void close();                                 // takers get what is left

  // waiting, longest_wait, silent, reads, dropped, refused.
  view_store_status status() const;

 private:
  static bool is_due(const read& r, monotonic now) { return now >= r.limits.deadline || is_cancelled(r.limits.cancelled); }
  static error why_dropped(const read& r);

  const bounds bounds_;
  const banyan::clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<read> reads_;
  int running_ = 0;
  monotonic last_change_{};  // when a read began or ended last
  bool closed_ = false;
  view_store_status counts_;
};

}  // namespace banyan::sqlite
