// The signals that a supervisor and its keeper wait for: those that end it, and that a child has ended. A SIGHUP that
// was ignored when the process was started (nohup) is not one of them: the kernel keeps a blocked signal for whoever
// waits for it, also one that is ignored.
#pragma once

#include <banyan/process_supervision/process_setup.hpp>

#include <csignal>
#include <initializer_list>

namespace banyan {

inline sigset_t block_supervision_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int s : {SIGTERM, SIGINT, SIGQUIT, SIGCHLD}) sigaddset(&set, s);
  if (!is_ignored(SIGHUP)) sigaddset(&set, SIGHUP);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return set;
}

}  // namespace banyan
