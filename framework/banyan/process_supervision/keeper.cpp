#include <banyan/process_supervision/keeper.hpp>

#include <banyan/core/time.hpp>
#include <banyan/observability/background_writer.hpp>
#include <banyan/process_supervision/process_table.hpp>
#include <banyan/process_supervision/signal_name.hpp>
#include <banyan/process_supervision/supervision_signals.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace banyan {
namespace {

constexpr std::chrono::seconds clear_up_limit{5};
constexpr std::chrono::seconds kill_limit{15};  // longer than a supervisor needs to kill its programs

// Waits for a signal until `limit`. 0: the limit passed.
int next_signal(const sigset_t& signals, monotonic limit) {
  if (limit == monotonic::max()) return ::sigwaitinfo(&signals, nullptr);
  const auto left = std::max(nanoseconds{}, limit - system_clock().steady());
  const auto whole = std::chrono::floor<std::chrono::seconds>(left);
  const timespec time{.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
  const int signal = ::sigtimedwait(&signals, nullptr, &time);
  return signal < 0 && errno == EAGAIN ? 0 : signal;
}

int watch_over(pid_t child, const sigset_t& signals) {
  bool stopping = false;
  auto limit = monotonic::max();  // for a supervisor ordered to kill: its programs must end even if it hangs
  for (;;) {
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (ended != child) continue;
      end_all_children(clear_up_limit);
      if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
      background_writer err{STDERR_FILENO};  // does not need a reader
      err.write("the supervisor was killed by " + signal_name(WTERMSIG(status)) + "; so were its programs\n");
      err.flush(clear_up_limit);
      return 128 + WTERMSIG(status);
    }
    const int signal = next_signal(signals, limit);
    if (signal == 0) {
      ::kill(child, SIGKILL);
      limit = monotonic::max();
    }
    if (signal <= 0 || signal == SIGCHLD) continue;
    ::kill(child, signal);
    if ((signal == SIGQUIT || (stopping && signal != SIGHUP)) && limit == monotonic::max()) limit = system_clock().steady() + kill_limit;
    stopping = true;
  }
}

}  // namespace

int keep(const std::function<int()>& work) {
  const auto signals = block_supervision_signals();
  ignore_broken_pipes();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto self = ::getpid();
  const auto child = ::fork();
  if (child < 0) {
    std::cerr << "cannot start a process: " << std::strerror(errno) << '\n';
    return 1;
  }
  if (child > 0) return watch_over(child, signals);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != self) return 128 + SIGQUIT;
  ::setsid();  // the terminal's signals arrive once, through the keeper
  return work();
}

}  // namespace banyan
