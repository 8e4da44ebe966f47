// One datagram to NOTIFY_SOCKET: lines of NAME=value, as in sd_notify(3). Unknown names are ignored.
#pragma once

#include <string>
#include <string_view>

namespace banyan {

struct notify_message {
  bool ready = false, heartbeat = false, stopping = false;
  std::string status = {};
  friend bool operator==(const notify_message&, const notify_message&) = default;
};

notify_message parse_notify_message(std::string_view datagram);

}  // namespace banyan
