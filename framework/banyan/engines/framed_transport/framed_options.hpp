// What both sides of the framed transport are told: who this node is, and what it takes.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace banyan {

// PEM files. The certificate of a node carries its name as a URI, "banyan://APPLICATION/NODE", and is for both uses
// (client and server).
struct tls_files {
  std::string certificate = {};  // with the chain up to the authority, if there is one
  std::string key = {};
  std::string authority = {};  // whose certificates are taken: that of this application alone
  bool none() const { return certificate.empty() && key.empty() && authority.empty(); }
};

struct framed_limits {
  std::uint32_t max_message = 4 * 1024 * 1024;  // bytes of one request or answer
  std::uint32_t max_calls = 256;  // unanswered at a time on one connection; the smaller one of both sides counts
  std::size_t max_queued = 8 * 1024 * 1024;        // bytes that wait to be written to one connection
  timespan ping_after = std::chrono::seconds{5};   // without a byte from the other side, then it is asked
  timespan lost_after = std::chrono::seconds{15};  // the same, then the connection is lost: "peer_silent"
};

struct framed_identity {
  std::string application = {};  // "shop": both sides must be of the same
  std::string node = {};         // "orders-2"
  tls_files tls = {};            // none: addresses of this machine only
};

// Of applications and nodes: letters, digits, '-', '_' and '.', at most 128.
bool is_node_name(std::string_view name);

// Errors: invalid_argument, with the option's name as field.
result<void> check_framed_options(const framed_identity& identity, const framed_limits& limits);

}  // namespace banyan
