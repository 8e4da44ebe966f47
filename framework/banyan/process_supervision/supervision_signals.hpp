// The signals that a supervisor and its keeper wait for: those that stop it, and SIGCHLD. Without a SIGHUP that was
// ignored at start (nohup): the kernel keeps a blocked signal pending for a waiting process, even an ignored one.
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
