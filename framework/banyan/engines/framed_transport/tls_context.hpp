// TLS as nodes use it: version 1.3, certificates of both sides, of one authority; internal to engines/framed_transport.
#pragma once

#include <banyan/engines/framed_transport/framed_options.hpp>

#include <banyan/core/result.hpp>

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::framed {

// Null: no files are named. Errors: invalid_argument, field "identity.tls.certificate" and so on.
result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const tls_files& files);

// The names of nodes of `application` in the URI names of the certificate that the other side has shown.
std::vector<std::string> nodes_of_certificate(SSL* connection, std::string_view application);

}  // namespace banyan::framed
