// The program's side of supervision: notifies whoever started it of readiness, heartbeats and shutdown. The protocol is that of
// sd_notify(3): datagrams to the socket in NOTIFY_SOCKET. So one program runs under `banyan supervise` and under systemd (Type=notify,
// WatchdogSec=) alike; and without any of them: then nothing is sent.
//
//   service_notifier above = service_notifier::of_environment();
//   open_everything();
//   above.ready();
//   if (auto within = above.heartbeat()) every(within->count() / 2, [&] { if (work_gets_done()) above.send_heartbeat(); });
//   wait_for_signal();
//   above.stopping();
//
// A heartbeat must come from where the work is done. One from a thread that does nothing else says only that this thread lives.
//
// The socket is opened once and kept: a process that has run out of descriptors still sends heartbeats.
//
// `banyan::run` does all this. Programs in other languages have libraries for it, and shells have systemd-notify.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/process_supervision/descriptor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace banyan {

class service_notifier {
 public:
  service_notifier() = default;                                                           // sends nothing
  explicit service_notifier(std::string socket, std::optional<timespan> heartbeat = {});  // "/path" or "@abstract"

  // NOTIFY_SOCKET; and WATCHDOG_USEC, unless WATCHDOG_PID says that another process is meant.
  static service_notifier of_environment();

  // Whether heartbeats are expected, and how long after the last one this process counts as hung. Send them twice as often.
  std::optional<timespan> heartbeat() const { return heartbeat_; }

  // From any thread. What can not be delivered is lost: a service works the same when nobody listens. Only the one message that is never
  // repeated waits for a supervisor that is slow to read, at most 5 s.
  void ready() const { send("READY=1", std::chrono::seconds{5}); }
  void send_heartbeat() const { send("WATCHDOG=1"); }
  void stopping() const { send("STOPPING=1"); }
  void status(std::string_view text) const;  // one line for people

 private:
  void send(std::string_view message, timespan patience = {}) const;

  std::string socket_;
  std::shared_ptr<const descriptor> from_;  // what it sends from; of all copies
  std::optional<timespan> heartbeat_;
};

}  // namespace banyan
