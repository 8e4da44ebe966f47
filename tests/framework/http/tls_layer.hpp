// TLS of raw sockets (raw_peer.hpp), by OpenSSL as it comes: both ends of a test, independent of what is tested.
#pragma once

#include <tests/framework/http/certificates.hpp>
#include <tests/framework/http/raw_peer.hpp>

#include <openssl/ssl.h>

namespace banyan::test {

class tls_layer : public raw::layer {
 public:
  tls_layer(int descriptor, bool as_server) {
    const auto& c = certificates::made();
    context_ = ::SSL_CTX_new(as_server ? ::TLS_server_method() : ::TLS_client_method());
    ::SSL_CTX_clear_mode(context_, SSL_MODE_AUTO_RETRY);
    if (as_server) {
      ::SSL_CTX_use_certificate_chain_file(context_, c.pem("edge").c_str());
      ::SSL_CTX_use_PrivateKey_file(context_, c.key("edge").c_str(), SSL_FILETYPE_PEM);
    }
    ssl_ = ::SSL_new(context_);
    ::SSL_set_fd(ssl_, descriptor);
    as_server ? ::SSL_set_accept_state(ssl_) : ::SSL_set_connect_state(ssl_);
  }
  ~tls_layer() override {
    ::SSL_free(ssl_);
    ::SSL_CTX_free(context_);
  }

  ssize_t send(std::string_view bytes) override {
    return ::SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  }
  ssize_t receive(char* into, std::size_t size) override {
    const int n = ::SSL_read(ssl_, into, static_cast<int>(size));
    if (n <= 0 && ::SSL_get_error(ssl_, n) == SSL_ERROR_WANT_READ) errno = EAGAIN;
    if (n <= 0 && ::SSL_get_error(ssl_, n) == SSL_ERROR_ZERO_RETURN) announced_ = true;
    return n;
  }
  bool has_more() const override { return ::SSL_pending(ssl_) > 0; }
  void finish() override { ::SSL_shutdown(ssl_); }
  bool end_was_announced() const { return announced_; }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
  bool announced_ = false;
};

}  // namespace banyan::test
