#include <banyan/observability/background_writer.hpp>

#include <banyan/observability/nonblocking_write.hpp>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>
#include <thread>

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

namespace banyan {
namespace {

using namespace std::chrono_literals;

constexpr auto last_patience = 500ms;  // for the flush at exit
constexpr int look_again = 100;        // ms between checks whether the waiting thread must stop

std::array<background_writer*, 2>& standard_writers() {
  static std::array<background_writer*, 2> all{};
  return all;
}

}  // namespace

background_writer& background_writer::of(int fd) {
  static std::once_flag once;
  std::call_once(once, [] {
    // Never destroyed: destructors of statics may still write.
    standard_writers() = {new background_writer{STDOUT_FILENO}, new background_writer{STDERR_FILENO}};
    ::pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
    std::atexit([] {
      for (auto* w : standard_writers()) w->flush(last_patience);
    });
  });
  return *standard_writers()[fd == STDOUT_FILENO ? 0 : 1];
}

background_writer::background_writer(int fd, std::size_t room) : fd_{fd}, room_{room} {}

background_writer::~background_writer() {
  std::unique_lock guard{lock_};
  closing_ = true;
  changed_.notify_all();
  changed_.wait(guard, [this] { return !has_thread_; });
}

void background_writer::tell_dropped_with(std::function<std::string(std::uint64_t)> line) {
  const std::lock_guard guard{lock_};
  note_ = std::move(line);
}

void background_writer::write(std::string_view line) {
  if (line.empty()) return;
  const std::lock_guard guard{lock_};
  // A line larger than the whole room is accepted when nothing else is queued.
  const bool fits = bytes_ == 0 || bytes_ + line.size() <= (dropping_ ? room_ / 2 : room_);
  dropping_ = !fits;
  if (!fits) {
    ++dropped_;
    return;
  }
  if (number_ == 0) enqueue_note();
  lines_.emplace_back(line);
  bytes_ += line.size();
  start_thread();
  changed_.notify_all();
}

void background_writer::enqueue_note() {
  if (dropped_ == 0 || !note_) return;
  auto line = note_(std::exchange(dropped_, 0));
  bytes_ += line.size();
  lines_.push_back(std::move(line));
}

// If no thread can be started (limit of the user) the line waits; the next line tries again.
void background_writer::start_thread() {
  if (has_thread_) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // other threads handle signals; SIGPIPE is blocked and leaves EPIPE
  try {
    std::thread{[this] { work(); }}.detach();
    has_thread_ = true;
  } catch (const std::system_error&) {
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// Whole lines of at most PIPE_BUF bytes together, which a pipe takes atomically; a longer line in several pieces.
std::string background_writer::next_piece() const {
  auto piece = lines_.front().substr(done_, PIPE_BUF);
  if (done_ + piece.size() < lines_.front().size()) return piece;
  for (auto l = std::next(lines_.begin()); l != lines_.end() && piece.size() + l->size() <= PIPE_BUF; ++l) piece += *l;
  return piece;
}

void background_writer::written(std::size_t n) {
  number_ = 0;
  ++progress_;
  bytes_ -= n;
  done_ += n;
  while (!lines_.empty() && done_ >= lines_.front().size()) {
    done_ -= lines_.front().size();
    lines_.pop_front();
  }
  if (lines_.empty()) {
    dropping_ = false;
    enqueue_note();
  }
}

// Drops the line; the next one is tried.
void background_writer::could_not_write(int number) {
  number_ = number;
  ++progress_;
  bytes_ -= lines_.front().size() - done_;
  done_ = 0;
  lines_.pop_front();
  ++dropped_;
}

// False: no progress within `patience` ms.
bool background_writer::write_piece(std::unique_lock<std::mutex>& guard, int patience) {
  const auto piece = next_piece();
  guard.unlock();
  pollfd at{.fd = fd_, .events = POLLOUT, .revents = 0};
  const bool ready = ::poll(&at, 1, patience) > 0;
  const auto n = ready ? nonblocking_write(fd_, piece) : 0;
  const int number = n < 0 ? errno : 0;
  const bool full = number == EAGAIN;  // a terminal may be writable and yet have no room for a line break
  guard.lock();
  if (n > 0) written(static_cast<std::size_t>(n));
  if (n < 0 && number != EAGAIN && number != EINTR) could_not_write(number);
  if (full) changed_.wait_for(guard, std::chrono::milliseconds{patience}, [this] { return closing_; });
  return ready && !full;
}

void background_writer::work() {
  std::unique_lock guard{lock_};
  for (;;) {
    changed_.wait(guard, [this] { return closing_ || !lines_.empty(); });
    if (closing_) break;
    write_piece(guard, look_again);
    changed_.notify_all();
  }
  has_thread_ = false;
  changed_.notify_all();
}

bool background_writer::flush(nanoseconds patience) {
  std::unique_lock guard{lock_};
  const auto until = system_clock().steady() + patience;
  auto last = system_clock().steady();
  if (!lines_.empty()) start_thread();
  if (!has_thread_) {
    while (!lines_.empty() && write_piece(guard, 0)) {
    }
  }
  for (auto seen = progress_; !lines_.empty() && has_thread_;) {
    changed_.wait_until(guard, std::min(until, last + patience / 4));
    const auto now = system_clock().steady();
    if (progress_ != seen) seen = progress_, last = now;
    if (now >= until || now - last >= patience / 4) break;
  }
  return lines_.empty();
}

std::optional<std::string> background_writer::trouble() const {
  const std::lock_guard guard{lock_};
  if (number_ != 0) return std::strerror(number_);
  if (dropped_ > 0) return "nobody reads it, " + std::to_string(dropped_) + (dropped_ == 1 ? " line was dropped" : " lines were dropped");
  return {};
}

// The child of a fork has no writer thread yet; queued lines are written by the parent.
void background_writer::before_fork() {
  for (auto* w : standard_writers()) w->lock_.lock();
}
void background_writer::after_fork_in_parent() {
  for (auto* w : standard_writers()) w->lock_.unlock();
}
void background_writer::after_fork_in_child() {
  for (auto* w : standard_writers()) {
    ::new (&w->changed_) std::condition_variable;  // its waiting thread exists in the parent only
    w->has_thread_ = false;
    w->lines_.clear();
    w->bytes_ = w->done_ = 0;
    w->lock_.unlock();
  }
}

}  // namespace banyan
