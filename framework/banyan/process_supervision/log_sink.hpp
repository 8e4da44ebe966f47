// Writes a log_stream to a descriptor that may be slow, stopped or closed, without blocking: a terminal, a pipe, a
// file.
//
// A write that a full disk or a file size limit refuses is retried every second; meanwhile lines are dropped, as
// when nobody reads.
#pragma once

#include <banyan/process_supervision/log_stream.hpp>
#include <banyan/process_supervision/poll_set.hpp>

namespace banyan {

class log_sink {
 public:
  log_sink(int fd, log_stream& from) : fd_{fd}, from_{from} {}

  void watch(poll_set& turn, monotonic now);
  void flush(timespan patience);  // at the end: waits while the reader makes progress

 private:
  static constexpr std::chrono::seconds stuck_after{1}, retry_after{1};
  static constexpr std::chrono::milliseconds look_again{50};
  void write();

  int fd_;
  log_stream& from_;
  bool gone_ = false;
  std::optional<monotonic> retry_at_;     // set after a failed write
  std::optional<monotonic> full_until_;   // writable but full: poll(2) would report it again at once
  std::optional<monotonic> waits_since_;  // unwritten bytes without progress
};

}  // namespace banyan
