// The authority "host:port" of a URL or Host field (RFC 3986, 3.2). One reader, so that an invalid port is refused
// everywhere, and one writer, so that IPv6 addresses are always in brackets.
//
//   auto at = read_authority("[::1]:8080");     // host "::1", port 8080
//   read_authority("127.0.0.1:99999");          // an error: ports end at 65535
//   "http://" + to_authority("::1", 8080)       // "http://[::1]:8080"
//
// No name lookup. User information before the host is refused.
#pragma once

#include <banyan/core/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace banyan {

struct authority {
  std::string host;                   // percent-decoded, without brackets; may be empty
  std::optional<std::uint16_t> port;  // empty when none is named
};

// Errors: invalid_argument, saying what is wrong.
result<authority> read_authority(std::string_view text);

std::string to_authority(std::string_view host, std::uint16_t port);

}  // namespace banyan
