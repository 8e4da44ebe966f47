#include <banyan/tls/client_context.hpp>

#include <banyan/tls/openssl_session.hpp>

#include <openssl/err.h>

#include <deque>
#include <map>

#include <arpa/inet.h>

namespace banyan::tls {

namespace {

// Per server. A session of TLS 1.3 is used once (RFC 8446, C.4), so one is needed for each connection of a burst.
constexpr std::size_t sessions_per_server = 8;
constexpr std::size_t servers_remembered = 256;

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

class openssl_client_context final : public client_context,
                                     public std::enable_shared_from_this<openssl_client_context> {
 public:
  openssl_client_context(context_ptr context, const tls_client_options& options)
      : context_{std::move(context)},
        server_name_{options.server_name},
        verifies_{!options.accept_any_certificate_insecurely} {}

  result<std::unique_ptr<session>> open(int socket, const std::string& host, const std::string& authority) override {
    auto made = openssl_session::make(context_.get(), socket, false, shared_from_this());
    if (!made) return made.error();
    auto& session = **made;
    session.resumed_among = authority;
    const auto& name = server_name_.empty() ? host : server_name_;
    if (!expect(session.connection(), name))
      return error{code::invalid_argument, "'" + name + "' can not be the name of a TLS server"};
    if (const auto earlier = take(authority)) ::SSL_set_session(session.connection(), earlier.get());
    return std::unique_ptr<tls::session>{std::move(*made)};
  }

  void keep(const std::string& authority, session_ptr session) {
    if (!sessions_.contains(authority) && sessions_.size() >= servers_remembered) sessions_.erase(sessions_.begin());
    auto& kept = sessions_[authority];
    kept.push_back(std::move(session));
    if (kept.size() > sessions_per_server) kept.pop_front();
  }

 private:
  bool expect(SSL* connection, const std::string& name) const {
    auto* rules = ::SSL_get0_param(connection);
    const bool address = is_address(name);
    if (verifies_) {
      ::X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      if ((address ? ::X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str())
                   : ::X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size())) != 1)
        return false;
    }
    return address || SSL_set_tlsext_host_name(connection, name.c_str()) == 1;  // SNI has no addresses (RFC 6066, 3)
  }

  session_ptr take(const std::string& authority) {
    const auto of_server = sessions_.find(authority);
    while (of_server != sessions_.end() && !of_server->second.empty()) {
      auto last = std::move(of_server->second.back());
      of_server->second.pop_back();
      if (is_expired(::SSL_SESSION_get0_peer(last.get())) || ::SSL_SESSION_is_resumable(last.get()) != 1) continue;
      if (::SSL_SESSION_get_protocol_version(last.get()) < TLS1_3_VERSION && ::SSL_SESSION_up_ref(last.get()) == 1)
        of_server->second.emplace_back(last.get());
      return last;
    }
    return nullptr;
  }

  context_ptr context_;
  std::string server_name_;
  bool verifies_;
  std::map<std::string, std::deque<session_ptr>> sessions_;
};

int keep_session(SSL* connection, SSL_SESSION* made) {
  auto& session = openssl_session::of(connection);
  static_cast<openssl_client_context*>(session.owner())->keep(session.resumed_among, session_ptr{made});
  return 1;  // it is ours now
}

// Called when the server asks for a certificate and the context has none.
int no_certificate(SSL* connection, X509**, EVP_PKEY**) {
  openssl_session::of(connection).asked_in_vain = true;
  return 0;
}

result<void> trust_authorities(SSL_CTX* context, const tls_client_options& options) {
  if (options.accept_any_certificate_insecurely) return {};
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (!options.authority.empty()) return trust(context, options.authority, "tls.authority");
  if (::SSL_CTX_set_default_verify_paths(context) == 1) return {};
  return error{code::invalid_argument, "the certificates of the system can not be read: " + take_last_error()}
      .because("unreadable")
      .at("tls.authority");
}

}  // namespace

result<std::shared_ptr<client_context>> make_client_context(const tls_client_options& options) {
  auto made = make_context(::TLS_client_method());
  if (!made) return made.error();
  auto* context = made->get();
  if (auto trusted = trust_authorities(context, options); !trusted) return trusted.error();
  if (options.certificate.empty() != options.key.empty())
    return error{code::invalid_argument, "a certificate and its key belong together"}.at(
        options.certificate.empty() ? "tls.certificate" : "tls.key");
  if (options.certificate.empty()) {
    ::SSL_CTX_set_client_cert_cb(context, no_certificate);
  } else {
    if (auto used = use_certificate(context, options.certificate, options.key, "tls."); !used) return used.error();
    if (auto valid = check_validity(context, options.certificate, "tls.certificate"); !valid) return valid.error();
  }
  constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (::SSL_CTX_set_alpn_protos(context, http_1_1, sizeof http_1_1) != 0)
    return error{code::unavailable, "OpenSSL has no memory for a context"};
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  ::SSL_CTX_sess_set_new_cb(context, keep_session);
  ::ERR_clear_error();
  return std::shared_ptr<client_context>{std::make_shared<openssl_client_context>(std::move(*made), options)};
}

}  // namespace banyan::tls
