// The HTTP/1.1 upgrade that starts a connection between nodes. Pure; internal to engines/framed_transport.
//
//   > GET /banyan/transport HTTP/1.1            < HTTP/1.1 101 Switching Protocols
//   > Host: 10.0.0.7:7000                       < Connection: Upgrade
//   > Connection: Upgrade                       < Upgrade: banyan/1
//   > Upgrade: banyan/1
//   > Banyan-Application: shop
#pragma once

#include <banyan/http/message.hpp>
#include <banyan/http/parser.hpp>

#include <string>
#include <string_view>

namespace banyan::framed {

inline constexpr std::size_t max_head = 8 * 1024;  // bytes, of request and response each
inline constexpr http_limits upgrade_limits{
    .header_bytes = max_head, .header_count = 64, .target_bytes = 1024, .body_bytes = 0};

std::string upgrade_request(std::string_view application, std::string_view authority);

// The status to answer: 101; 404 wrong path; 426 not an upgrade, or to an unknown version; 403 wrong application.
int judge_upgrade(const http_request& request, std::string_view application);
std::string upgrade_response(int status);

// The end of the head (after its empty line), or npos. The search starts near `searched`: bytes before it were
// searched.
std::size_t find_head_end(std::string_view bytes, std::size_t searched);

// `head` must be complete. Errors: unavailable, not applied: "not_accepted" (403, 503), "version_refused" (426,
// another version), or "handshake_failed".
result<void> read_upgrade_response(std::string_view head);

}  // namespace banyan::framed
