#include <banyan/process_supervision/notify_message.hpp>

namespace banyan {

notify_message parse_notify_message(std::string_view datagram) {
  notify_message m;
  while (!datagram.empty()) {
    const auto end = datagram.find('\n');
    const auto line = datagram.substr(0, end);
    datagram.remove_prefix(end == datagram.npos ? datagram.size() : end + 1);
    constexpr std::string_view status = "STATUS=";
    if (line == "READY=1")
      m.ready = true;
    else if (line == "WATCHDOG=1")
      m.heartbeat = true;
    else if (line == "STOPPING=1")
      m.stopping = true;
    else if (line.starts_with(status))
      m.status = line.substr(status.size());
  }
  return m;
}

}  // namespace banyan
