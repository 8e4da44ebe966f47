#include <banyan/process_supervision/keeper.hpp>

#include <banyan/observability/background_writer.hpp>
#include <banyan/process_supervision/process_table.hpp>
#include <banyan/process_supervision/signal_name.hpp>
#include <banyan/process_supervision/supervision_signals.hpp>

#include <cerrno>
#include <cstring>
#include <iostream>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace banyan {
namespace {

constexpr std::chrono::seconds clear_up_limit{5};

int watch_over(pid_t child, const sigset_t& signals) {
  for (;;) {
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (ended != child) continue;
      end_all_children(clear_up_limit);
      if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
      background_writer err{STDERR_FILENO};  // nobody has to read it
      err.write("the supervisor was killed by " + signal_name(WTERMSIG(status)) + "; so were its programs\n");
      err.flush(clear_up_limit);
      return 128 + WTERMSIG(status);
    }
    const int signal = ::sigwaitinfo(&signals, nullptr);
    if (signal > 0 && signal != SIGCHLD) ::kill(child, signal);
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
  ::setsid();  // the terminal's signals come through the keeper, once
  return work();
}

}  // namespace banyan
