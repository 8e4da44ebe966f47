// What one datagram to NOTIFY_SOCKET says: lines of NAME=value, as sd_notify(3) has them. Names that mean nothing here are passed over.
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
