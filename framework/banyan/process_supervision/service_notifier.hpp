// The program's side of supervision: sends readiness, heartbeats and shutdown to its supervisor by the protocol of
// sd_notify(3), datagrams to NOTIFY_SOCKET. So a program runs alike under `banyan supervise`, under systemd
// (Type=notify, WatchdogSec=), and without either, when nothing is sent.
//
//   service_notifier above = service_notifier::of_environment();
//   open_everything();
//   above.ready();
//   if (auto within = above.heartbeat()) every(within->count() / 2, [&] { if (work_gets_done()) above.send_heartbeat(); });
//   wait_for_signal();
//   above.stopping();
//
// Send heartbeats from where the work is done: those of an idle extra thread only prove that this thread lives.
//
// The socket is opened once and kept, so a process without free descriptors still sends heartbeats.
//
// `banyan::run` does all this. Other languages have libraries for the protocol; shells have systemd-notify.
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

  // From NOTIFY_SOCKET; and WATCHDOG_USEC, unless WATCHDOG_PID is another process.
  static service_notifier of_environment();

  // The time without a heartbeat after which this process counts as hung; empty: none expected. Send twice as often.
  std::optional<timespan> heartbeat() const { return heartbeat_; }

  // Thread-safe. Undeliverable messages are lost without an error. Only `ready`, which is never repeated, waits for
  // a slow supervisor, at most 5 s.
  void ready() const { send("READY=1", std::chrono::seconds{5}); }
  void send_heartbeat() const { send("WATCHDOG=1"); }
  void stopping() const { send("STOPPING=1"); }
  void status(std::string_view text) const;  // one line for people

 private:
  void send(std::string_view message, timespan patience = {}) const;

  std::string socket_;
  std::shared_ptr<const descriptor> from_;  // socket to send from, shared by copies
  std::optional<timespan> heartbeat_;
};

}  // namespace banyan
