#include <banyan/engines/framed_transport/tls_context.hpp>

#include <openssl/x509v3.h>

#include <algorithm>

namespace banyan::framed {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

error unreadable(const std::string& file, const char* field, const std::string& why) {
  return error{code::invalid_argument, "'" + file + "' can not be used: " + why}.at(std::string{"identity.tls."} +
                                                                                    field);
}

}  // namespace

result<std::shared_ptr<ssl::context>> make_tls_context(const tls_files& files) {
  if (files.none()) return std::shared_ptr<ssl::context>{};
  auto context = std::make_shared<ssl::context>(ssl::context::tls);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_3_VERSION);
  // No session tickets: connections are long-lived, and sessions are not resumed.
  SSL_CTX_set_num_tickets(context->native_handle(), 0);
  SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
  error_code ec;
  context->use_certificate_chain_file(files.certificate, ec);
  if (ec) return unreadable(files.certificate, "certificate", ec.message());
  context->use_private_key_file(files.key, ssl::context::pem, ec);
  if (ec) return unreadable(files.key, "key", ec.message());
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    return unreadable(files.key, "key", "it is not the key of the certificate");
  context->load_verify_file(files.authority, ec);
  if (ec) return unreadable(files.authority, "authority", ec.message());
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, ec);
  return context;
}

std::vector<std::string> nodes_of_certificate(SSL* connection, std::string_view application) {
  std::vector<std::string> nodes;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{SSL_get1_peer_certificate(connection), &X509_free};
  if (!certificate) return nodes;
  auto* const names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
  if (!names) return nodes;
  const auto begin = "banyan://" + std::string{application} + "/";
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const std::string_view uri{reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier)),
                               static_cast<std::size_t>(ASN1_STRING_length(name->d.uniformResourceIdentifier))};
    if (uri.starts_with(begin) && is_node_name(uri.substr(begin.size()))) nodes.emplace_back(uri.substr(begin.size()));
  }
  GENERAL_NAMES_free(names);
  return nodes;
}

}  // namespace banyan::framed
