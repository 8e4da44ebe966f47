// Writes a log_stream to a descriptor that may be slow, stopped or gone, without ever waiting for it: a terminal, a pipe, a file.
//
// What a full disk (or the limit of a file's size) does not take
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
  static constexpr std::chrono::milliseconds look_again{50};
  void write();

  int fd_;
  log_stream& from_;
  bool gone_ = false;
  std::optional<monotonic> retry_at_;     // the last write failed
  std::optional<monotonic> full_until_;   // it is writable, and took nothing: poll(2) would say so again at once
  std::optional<monotonic> waits_since_;  // bytes are there, and nobody has taken any
};

}  // namespace banyan
