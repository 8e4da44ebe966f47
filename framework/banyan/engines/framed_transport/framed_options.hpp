// The options shared by both sides of the framed transport: identity and limits of a node.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace banyan {

// PEM files. A node's certificate has its name as a URI, "banyan://APPLICATION/NODE", and allows client and server
// use.
struct tls_files {
  std::string certificate = {};  // with the chain up to the authority, if any
  std::string key = {};
  std::string authority = {};  // the only trusted authority: issues certificates of this application only
  bool none() const { return certificate.empty() && key.empty() && authority.empty(); }
};

struct framed_limits {
  std::uint32_t max_message = 4 * 1024 * 1024;  // bytes of a request or answer
  std::uint32_t max_calls = 256;  // open calls per connection; the lower limit of both sides applies
  std::size_t max_queued = 8 * 1024 * 1024;        // bytes waiting to be written to a connection
  timespan ping_after = std::chrono::seconds{5};   // without input: sends a ping
  timespan lost_after = std::chrono::seconds{15};  // without input: closes the connection as "peer_silent"
};

struct framed_identity {
  std::string application = {};  // "shop": must be equal on both sides
  std::string node = {};         // "orders-2"
  tls_files tls = {};            // none: loopback addresses only
};

// Valid names of applications and nodes: at most 128 letters, digits, '-', '_' and '.'.
bool is_node_name(std::string_view name);

// Errors: invalid_argument, with the option's name as field.
result<void> check_framed_options(const framed_identity& identity, const framed_limits& limits);

}  // namespace banyan
