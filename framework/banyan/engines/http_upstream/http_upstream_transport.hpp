// The transport to an HTTP API outside the application (http/http_upstream.hpp): writes each call as an HTTP request
// and reads its answer. One client with its own pool of connections and its own thread per upstream, so that a slow
// one does not delay another.
#pragma once

#include <banyan/http/http_upstream.hpp>

#include <memory>

namespace banyan {

// Errors: invalid_argument for an invalid declaration, and for files of TLS that can not be used (tls/options.hpp).
result<std::shared_ptr<upstream_transport>> open_http_upstream(const http_upstream& to);

}  // namespace banyan
