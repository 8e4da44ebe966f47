// The TLS configuration of nodes: version 1.3, mutual certificates, one authority; internal to
// engines/framed_transport.
#pragma once

#include <banyan/engines/framed_transport/framed_options.hpp>

#include <banyan/core/result.hpp>

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::framed {

// Null: no files are configured. Errors: invalid_argument, with field "identity.tls.certificate" and the like.
result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const tls_files& files);

// The nodes of `application` named by the URIs of the peer's certificate.
std::vector<std::string> nodes_of_certificate(SSL* connection, std::string_view application);

}  // namespace banyan::framed
