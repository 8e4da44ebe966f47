#include <banyan/process_supervision/log_sink.hpp>

#include <banyan/observability/nonblocking_write.hpp>

#include <cerrno>
#include <climits>

namespace banyan {

void log_sink::watch(poll_set& turn, monotonic now) {
  if (from_.empty()) {
    waits_since_.reset();
    from_.drop_when_full(false);
    return;
  }
  if (!waits_since_) waits_since_ = now;
  if (now - *waits_since_ >= stuck_after)
    from_.drop_when_full(true);
  else
    turn.at_latest(*waits_since_ + stuck_after);
  if (retry_at_ && now < *retry_at_) {
    from_.drop_when_full(true);
    turn.at_latest(retry_at_);
    return;
  }
  if (full_until_ && now < *full_until_) return turn.at_latest(full_until_);
  turn.on(fd_, POLLOUT, [this] { write(); });
}

void log_sink::write() {
  constexpr int chunks = 16;  // per turn, then the programs are served
  for (int i = 0; i < chunks && !from_.empty(); ++i) {
    pollfd self{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (!gone_ && ::poll(&self, 1, 0) <= 0) return;
    const auto bytes = from_.front(PIPE_BUF);
    const auto n = gone_ ? static_cast<ssize_t>(bytes.size()) : nonblocking_write(fd_, bytes);
    if (n < 0 && errno == EINTR) return;
    if (n < 0 && errno == EAGAIN) {
      full_until_ = system_clock().steady() + look_again;
      return;
    }
    if (n < 0 && (errno == ENOSPC || errno == EFBIG || errno == EDQUOT)) {
      retry_at_ = system_clock().steady() + retry_after;
      return;
    }
    if (n < 0) gone_ = true;  // the programs go on without a reader
    if (n > 0) from_.written(static_cast<std::size_t>(n));
    retry_at_.reset();
    waits_since_.reset();
    from_.drop_when_full(false);
  }
}

void log_sink::flush(timespan patience) {
  retry_at_.reset();
  for (auto last = system_clock().steady(); !from_.empty() && !retry_at_ && system_clock().steady() < add_saturating(last, patience);) {
    poll_set turn;
    turn.at_latest(add_saturating(last, patience));
    turn.on(fd_, POLLOUT, [&] {
      write();
      last = system_clock().steady();
    });
    turn.wait(system_clock());
  }
}

}  // namespace banyan
