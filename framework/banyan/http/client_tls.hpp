// The TLS configuration of a client: read at its first use, and again when its files have changed; internal to http/.
// Used on the client's I/O thread only.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/tls/client_context.hpp>
#include <banyan/tls/files_seen.hpp>

#include <memory>
#include <utility>

namespace banyan {

class client_tls {
 public:
  explicit client_tls(tls_client_options options);

  // Errors: see tls/options.hpp; a later call tries again. Files that have changed and are not usable change nothing.
  result<std::shared_ptr<tls::client_context>> context(monotonic now);

 private:
  tls_client_options options_;
  tls::files_seen files_;
  std::shared_ptr<tls::client_context> used_;
  monotonic look_at_{};
};

}  // namespace banyan
