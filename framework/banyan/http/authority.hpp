// The authority of a URL or of a Host field, "host:port" (RFC 3986, 3.2): read in one place, so that a port that does not exist is refused
// everywhere, and written in one place, so that IPv6 addresses always stand in brackets.
//
//   auto at = read_authority("[::1]:8080");     // host "::1", port 8080
//   read_authority("127.0.0.1:99999");          // an error: ports end at 65535
//   "http://" + to_authority("::1", 8080)       // "http://[::1]:8080"
//
// It looks no names up, and a user before the host is refused.
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

// Errors: invalid_argument, with a sentence that says what is wrong.
result<authority> read_authority(std::string_view text);

std::string to_authority(std::string_view host, std::uint16_t port);

}  // namespace banyan
