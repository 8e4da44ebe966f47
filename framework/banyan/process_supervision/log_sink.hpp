// Writes a log_stream to a descriptor that may be slow, stopped or gone, without ever waiting for it: a terminal, a pipe, a file.
//
// The descriptor is shared with other processes, so it is not made non-blocking. What poll(2) says is enough: a pipe
// that can be written to has room for PIPE_BUF bytes. What a full disk (or the limit of a file's size) does not take
// is tried again each second; meanwhile lines are lost, as when nobody reads.
#pragma once

#include <banyan/process_supervision/log_stream.hpp>
#include <banyan/process_supervision/poll_set.hpp>

namespace banyan {

class log_sink {
 public:
  log_sink(int fd, log_stream& from) : fd_{fd}, from_{from} {}

  void watch(poll_set& turn, monotonic now);
  void flush(timespan patience);  // the last thing to do: waits, as long as somebody takes something

 private:
  static constexpr std::chrono::seconds stuck_after{1}, retry_after{1};
  void write();

  int fd_;
  log_stream& from_;
  bool gone_ = false;
  std::optional<monotonic> retry_at_;     // the last write failed
  std::optional<monotonic> waits_since_;  // bytes are there, and nobody has taken any
};

}  // namespace banyan
