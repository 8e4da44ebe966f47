#include <banyan/tls/server_context.hpp>

#include <banyan/tls/openssl_session.hpp>

#include <openssl/err.h>

#include <string_view>

namespace banyan::tls {

namespace {

constexpr std::string_view http_1_1 = "\x08http/1.1";

// A client that offers protocols, but not ours, is refused (RFC 7301, 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  const auto outcome =
      ::SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(http_1_1.data()),
                              static_cast<unsigned>(http_1_1.size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

class openssl_server_context final : public server_context,
                                     public std::enable_shared_from_this<openssl_server_context> {
 public:
  explicit openssl_server_context(context_ptr context) : context_{std::move(context)} {
    std::tm end{};
    const auto* own = ::SSL_CTX_get0_certificate(context_.get());
    if (own && ::ASN1_TIME_to_tm(::X509_get0_notAfter(own), &end) == 1)
      expires_ = std::chrono::time_point_cast<instant::duration>(
          std::chrono::system_clock::from_time_t(::timegm(&end)));
  }
  result<std::unique_ptr<session>> open(int socket) override {
    auto made = openssl_session::make(context_.get(), socket, true, shared_from_this());
    if (!made) return made.error();
    return std::unique_ptr<session>{std::move(*made)};
  }
  instant expires() const override { return expires_; }

 private:
  context_ptr context_;
  instant expires_ = instant::max();
};

result<void> demand_certificates(SSL_CTX* context, const tls_server_options& options) {
  if (options.clients == client_certificates::off) return {};
  if (options.client_authority.empty())
    return error{code::invalid_argument, "certificates of clients need the authority that issues them"}.at(
        "tls.client_authority");
  if (auto trusted = trust(context, options.client_authority, "tls.client_authority"); !trusted) return trusted;
  // Tells clients which of their certificates to present.
  ::SSL_CTX_set_client_CA_list(context, ::SSL_load_client_CA_file(options.client_authority.c_str()));
  const int required = options.clients == client_certificates::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, nullptr);
  return {};
}

}  // namespace

result<std::shared_ptr<server_context>> make_server_context(const tls_server_options& options) {
  auto made = make_context(::TLS_server_method());
  if (!made) return made.error();
  auto* context = made->get();
  if (options.certificate.empty() || options.key.empty())
    return error{code::invalid_argument, "a server needs a certificate and its key"}.at(
        options.certificate.empty() ? "tls.certificate" : "tls.key");
  if (auto used = use_certificate(context, options.certificate, options.key, "tls."); !used) return used.error();
  if (auto valid = check_validity(context, options.certificate, "tls.certificate"); !valid) return valid.error();
  if (auto demanded = demand_certificates(context, options); !demanded) return demanded.error();
  ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  // Sessions are in tickets only, sealed with keys of this context: none outlives a change of the certificates.
  constexpr std::string_view ours = "banyan";
  ::SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(ours.data()),
                                   static_cast<unsigned>(ours.size()));
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_timeout(context, 3600);
  ::SSL_CTX_set_num_tickets(context, 1);
  ::ERR_clear_error();
  return std::shared_ptr<server_context>{std::make_shared<openssl_server_context>(std::move(*made))};
}

}  // namespace banyan::tls
