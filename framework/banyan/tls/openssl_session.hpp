// The session (session.hpp) by OpenSSL; internal to tls/.
#pragma once

#include <banyan/tls/failure.hpp>
#include <banyan/tls/openssl.hpp>
#include <banyan/tls/session.hpp>

#include <string>

namespace banyan::tls {

class openssl_session : public session {
 public:
  // `keeps`: what must live as long as the session.
  static result<std::unique_ptr<openssl_session>> make(SSL_CTX* context, int socket, bool as_server,
                                                       std::shared_ptr<void> keeps);
  ~openssl_session() override;

  // The session that this connection is of.
  static openssl_session& of(const SSL* connection);

  SSL* connection() { return ssl_.get(); }
  void* owner() const { return keeps_.get(); }

  progress handshake() override;
  progress read(std::span<char> into) override;
  progress write(std::span<const char> bytes) override;
  void close_notify() override;
  bool has_more() const override;
  bool resumed() const override;
  tls_peer_ptr peer() const override { return peer_; }
  const error& failure() const override { return failure_.why; }
  bool refused_unread() const override { return failure_.is_of_our_certificate && !has_read_; }
  bool met_plain_text() const override { return first_byte_ >= 'A' && first_byte_ <= 'Z'; }

  std::string resumed_among;   // client: see client_context::open
  bool asked_in_vain = false;  // client: the server asked for a certificate, and there is none

 private:
  friend struct socket_bio;
  openssl_session(int socket, std::shared_ptr<void> keeps) : socket_{socket}, keeps_{std::move(keeps)} {}
  progress after(int answer);
  bool learn_peer();

  int socket_;
  std::shared_ptr<void> keeps_;
  connection_ptr ssl_;
  tls_peer_ptr peer_;
  connection_failure failure_;
  int system_error_ = 0;  // of the last receive or send
  bool ended_ = false;    // the stream
  bool has_read_ = false;
  int first_byte_ = -1;
};

}  // namespace banyan::tls
