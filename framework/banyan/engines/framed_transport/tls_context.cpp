#include <banyan/engines/framed_transport/tls_context.hpp>

#include <banyan/tls/openssl.hpp>

namespace banyan::framed {

namespace ssl = boost::asio::ssl;

result<std::shared_ptr<ssl::context>> make_tls_context(const tls_files& files) {
  if (files.none()) return std::shared_ptr<ssl::context>{};
  auto context = std::make_shared<ssl::context>(ssl::context::tls);
  auto* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
  // No session tickets: connections are long-lived, and sessions are not resumed.
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  if (auto used = tls::use_certificate(native, files.certificate, files.key, "identity.tls."); !used)
    return used.error();
  if (auto trusted = tls::trust(native, files.authority, "identity.tls.authority"); !trusted) return trusted.error();
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  return context;
}

std::vector<std::string> nodes_of_certificate(SSL* connection, std::string_view application) {
  std::vector<std::string> nodes;
  const tls::certificate_ptr certificate{SSL_get1_peer_certificate(connection)};
  if (!certificate) return nodes;
  const auto begin = "banyan://" + std::string{application} + "/";
  for (const auto& uri : tls::alternative_names(certificate.get(), GEN_URI))
    if (uri.starts_with(begin) && is_node_name(uri.substr(begin.size()))) nodes.push_back(uri.substr(begin.size()));
  return nodes;
}

}  // namespace banyan::framed
