// The queue of reads for a view's reader threads, bounded in number and time. A read that is past its deadline or
// cancelled is answered without being executed. When the oldest one has waited longer than the limit, new ones are
// refused, since they would be answered too late.
//
//   view_read_queue queue{{.most = 8192, .readers = 2, .longest_wait = 1s}, clock};
//   queue.push(job, limits);                                                   // any thread
//   while (auto read = queue.take(when_idle)) { run(*read); queue.ended(); }   // each reader thread
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

// A job that gets a connection; or an error when it will never be executed.
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

  void push(view_job job, read_limits limits);  // refusals are answered at once
  // Waits; none: closed and empty. Calls `when_idle` once after `idle_after` without reads.
  std::optional<read> take(const std::function<void()>& when_idle);
  void ended();                                 // a taken read was answered
  void close();                                 // consumers get what is left

  // Fills in waiting, longest_wait, silent, reads, dropped and refused.
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
  monotonic last_change_{};  // time when a read last began or ended
  bool closed_ = false;
  view_store_status counts_;
};

}  // namespace banyan::sqlite
