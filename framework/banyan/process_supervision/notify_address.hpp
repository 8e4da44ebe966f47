// The socket address of NOTIFY_SOCKET: "/run/x", or "@x" for the abstract name x (unix(7)).
#pragma once

#include <optional>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

namespace banyan {

struct notify_address {
  sockaddr_un name{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

std::optional<notify_address> parse_notify_address(std::string_view text);

}  // namespace banyan
