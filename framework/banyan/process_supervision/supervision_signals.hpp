// The signals that a supervisor and its keeper wait for: those that stop it, and SIGCHLD. Without a SIGHUP that was
// ignored at start (nohup): the kernel keeps a blocked signal pending for a waiting process, even an ignored one.
#pragma once

#include <banyan/process_supervision/descriptor.hpp>
#include <banyan/process_supervision/process_setup.hpp>

#include <csignal>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include <sys/signalfd.h>
#include <unistd.h>

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
// Empty: none is pending.
inline std::optional<int> read_signal(const descriptor& signals) {
  signalfd_siginfo s{};
  if (::read(signals.get(), &s, sizeof s) != sizeof s) return std::nullopt;
  return static_cast<int>(s.ssi_signo);
}

enum class signal_request : std::uint8_t { reap, stop, kill, ignore };

// What a signal asks of a supervisor: the first one to stop its programs, the next one, or SIGQUIT, to kill them. Not a
// second SIGHUP: a closing terminal sends two, from the shell and from the kernel.
inline signal_request request_of(int signal, bool is_stopping) {
  if (signal == SIGCHLD) return signal_request::reap;
  if (signal == SIGQUIT || (is_stopping && signal != SIGHUP)) return signal_request::kill;
  return is_stopping ? signal_request::ignore : signal_request::stop;
}

}  // namespace banyan
