// The signals that a supervisor and its keeper wait for: those that end it, and that a child has ended.
#pragma once

#include <csignal>
#include <initializer_list>

namespace banyan {

inline sigset_t block_supervision_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int s : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD}) sigaddset(&set, s);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return set;
}

}  // namespace banyan
