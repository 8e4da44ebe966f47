// The TLS configuration that a server uses at present, replaced when its files change; internal to tls/ and http/.
// Connections keep the configuration with which they began. Thread-safe.
#pragma once

#include <banyan/tls/files_seen.hpp>
#include <banyan/tls/server_context.hpp>

#include <memory>
#include <mutex>

namespace banyan::tls {

class server_identity {
 public:
  static result<std::unique_ptr<server_identity>> load(tls_server_options options);

  std::shared_ptr<server_context> current() const;
  // Reads the files again. After an error the configuration in use stays.
  result<void> reload();
  // The same if files have changed since the last time: true if they had, and were read.
  result<bool> reload_if_changed();

 private:
  explicit server_identity(tls_server_options options);

  const tls_server_options options_;
  mutable std::mutex mutex_;
  files_seen files_;                      // guarded by the mutex
  std::shared_ptr<server_context> used_;  // guarded by the mutex
};

}  // namespace banyan::tls
