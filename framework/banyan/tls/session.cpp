#include <banyan/tls/openssl_session.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <cerrno>

#include <sys/socket.h>

namespace banyan::tls {

// OpenSSL's own BIO for sockets writes without MSG_NOSIGNAL, and SIGPIPE would end the process.
struct socket_bio {
  static openssl_session& of(BIO* bio) { return *static_cast<openssl_session*>(::BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    auto& s = of(bio);
    ::BIO_clear_retry_flags(bio);
    const auto n = ::recv(s.socket_, into, static_cast<std::size_t>(size), 0);
    s.system_error_ = n < 0 ? errno : 0;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) ::BIO_set_retry_read(bio);
    if (n == 0) s.ended_ = true;
    if (n > 0 && s.first_byte_ < 0) s.first_byte_ = static_cast<unsigned char>(*into);
    return static_cast<int>(n);
  }
  static int write(BIO* bio, const char* from, int size) {
    auto& s = of(bio);
    ::BIO_clear_retry_flags(bio);
    const auto n = ::send(s.socket_, from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    s.system_error_ = n < 0 ? errno : 0;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) ::BIO_set_retry_write(bio);
    return static_cast<int>(n);
  }
  static long control(BIO* bio, int what, long, void*) {
    if (what == BIO_CTRL_EOF) return of(bio).ended_ ? 1 : 0;
    return what == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      auto* m = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
      ::BIO_meth_set_read(m, read);
      ::BIO_meth_set_write(m, write);
      ::BIO_meth_set_ctrl(m, control);
      return m;
    }();
    return made;
  }
};

result<std::unique_ptr<openssl_session>> openssl_session::make(SSL_CTX* context, int socket, bool as_server,
                                                               std::shared_ptr<void> keeps) {
  std::unique_ptr<openssl_session> made{new openssl_session{socket, std::move(keeps)}};
  made->ssl_.reset(::SSL_new(context));
  auto* bio = made->ssl_ ? ::BIO_new(socket_bio::method()) : nullptr;
  if (!bio) return error{code::unavailable, "no memory for a TLS connection"};
  ::BIO_set_data(bio, made.get());
  ::BIO_set_init(bio, 1);
  ::SSL_set_bio(made->ssl_.get(), bio, bio);
  SSL_set_app_data(made->ssl_.get(), made.get());
  as_server ? ::SSL_set_accept_state(made->ssl_.get()) : ::SSL_set_connect_state(made->ssl_.get());
  return made;
}

// OpenSSL resumes no session of a connection that is destroyed without a word.
openssl_session::~openssl_session() {
  if (ssl_ && failure_.why.reason.empty()) ::SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

openssl_session& openssl_session::of(const SSL* connection) {
  return *static_cast<openssl_session*>(SSL_get_app_data(connection));
}

progress openssl_session::after(int answer) {
  switch (::SSL_get_error(ssl_.get(), answer)) {
    case SSL_ERROR_WANT_READ:
      return {step::readable};
    case SSL_ERROR_WANT_WRITE:
      return {step::writable};
    case SSL_ERROR_ZERO_RETURN:
      if (!ended_) return {step::closed};
      failure_ = stream_failure(ssl_.get(), true, 0);
      return {step::failed};
    case SSL_ERROR_SSL:
      failure_ = failure_of(ssl_.get(), asked_in_vain);
      return {step::failed};
    default:
      failure_ = stream_failure(ssl_.get(), ended_, system_error_);
      return {step::failed};
  }
}

progress openssl_session::handshake() {
  ::ERR_clear_error();
  const int answer = ::SSL_do_handshake(ssl_.get());
  if (answer != 1) {
    const auto next = after(answer);
    if (next.next != step::closed) return next;
    failure_ = stream_failure(ssl_.get(), true, 0);
    return {step::failed};
  }
  return {learn_peer() ? step::done : step::failed};
}

// A resumed session has the certificate of the first one, which was verified then and may have expired since.
bool openssl_session::learn_peer() {
  const certificate_ptr certificate{::SSL_get1_peer_certificate(ssl_.get())};
  if (!certificate || ::SSL_get_verify_mode(ssl_.get()) == SSL_VERIFY_NONE) return true;
  if (resumed() && is_expired(certificate.get())) {
    failure_ = {error{code::unavailable, "the certificate has expired since the session began"}.because(
                    "certificate_expired"),
                false};
    return false;
  }
  tls_peer names;
  const std::unique_ptr<BIO, freed_by<BIO_free_all>> text{::BIO_new(::BIO_s_mem())};
  char* begin = nullptr;
  if (text && ::X509_NAME_print_ex(text.get(), ::X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253) >= 0)
    if (const auto size = BIO_get_mem_data(text.get(), &begin); size > 0)
      names.subject.assign(begin, static_cast<std::size_t>(size));
  names.dns_names = alternative_names(certificate.get(), GEN_DNS);
  names.uris = alternative_names(certificate.get(), GEN_URI);
  names.emails = alternative_names(certificate.get(), GEN_EMAIL);
  peer_ = std::make_shared<const tls_peer>(std::move(names));
  return true;
}

progress openssl_session::read(std::span<char> into) {
  ::ERR_clear_error();
  std::size_t n = 0;
  const int answer = ::SSL_read_ex(ssl_.get(), into.data(), into.size(), &n);
  if (answer != 1) return after(answer);
  has_read_ = true;
  return {step::done, n};
}

progress openssl_session::write(std::span<const char> bytes) {
  constexpr std::size_t record = 16 * 1024;
  if (bytes.empty()) return {step::done};
  ::ERR_clear_error();
  std::size_t n = 0;
  const int answer = ::SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), record), &n);
  return answer == 1 ? progress{step::done, n} : after(answer);
}

void openssl_session::close_notify() {
  ::ERR_clear_error();
  if (::SSL_is_init_finished(ssl_.get()) && failure_.why.reason.empty()) ::SSL_shutdown(ssl_.get());
  ::ERR_clear_error();
}

bool openssl_session::has_more() const { return ::SSL_has_pending(ssl_.get()) == 1; }
bool openssl_session::resumed() const { return ::SSL_session_reused(ssl_.get()) == 1; }

}  // namespace banyan::tls
