// The TLS configuration of a server, read from its files; internal to tls/ and http/. Sessions are resumed by tickets
// that the clients keep, so that they take no memory here. Thread-safe.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/tls/session.hpp>

#include <memory>

namespace banyan::tls {

class server_context {
 public:
  virtual ~server_context() = default;
  virtual result<std::unique_ptr<session>> open(int socket) = 0;
  virtual instant expires() const = 0;  // the certificate
};

// Errors: see options.hpp.
result<std::shared_ptr<server_context>> make_server_context(const tls_server_options& options);

}  // namespace banyan::tls
