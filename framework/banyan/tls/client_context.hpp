// The TLS configuration of a client, read from its files, and the sessions that it may resume; internal to tls/ and
// http/. One thread.
#pragma once

#include <banyan/tls/session.hpp>

#include <memory>
#include <string>

namespace banyan::tls {

class client_context {
 public:
  virtual ~client_context() = default;
  // A session on a connected socket. `host` is a name or an IP address, and must be in the server's certificate;
  // sessions are resumed among connections to the same `authority` ("host:port").
  virtual result<std::unique_ptr<session>> open(int socket, const std::string& host, const std::string& authority) = 0;
};

// Errors: see options.hpp.
result<std::shared_ptr<client_context>> make_client_context(const tls_client_options& options);

}  // namespace banyan::tls
