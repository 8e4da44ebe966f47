// The signals that a supervisor and its keeper wait for: those that stop it, and SIGCHLD. Without a SIGHUP that was
// ignored at start (nohup): the kernel keeps a blocked signal pending for a waiting process, even an ignored one.
#pragma once

#include <banyan/process_supervision/descriptor.hpp>
#include <banyan/process_supervision/process_setup.hpp>

#include <csignal>
#include <initializer_list>

#include <sys/signalfd.h>

namespace banyan {

inline sigset_t block_supervision_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int s : {SIGTERM, SIGINT, SIGQUIT, SIGCHLD}) sigaddset(&set, s);
  if (!is_ignored(SIGHUP)) sigaddset(&set, SIGHUP);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return set;
}

// A signalfd of them, for poll(). SIGPIPE is ignored, for a supervisor goes on without a reader of its output.
inline descriptor open_supervision_signals() {
  const auto set = block_supervision_signals();
  ignore_broken_pipes();
  return descriptor{::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
}

}  // namespace banyan
