#include <banyan/tls/failure.hpp>

#include <openssl/err.h>

#include <system_error>

namespace banyan::tls {

namespace {

error because(std::string text, const char* reason) {
  return error{code::unavailable, std::move(text)}.because(reason);
}

const char* reason_of_verification(long verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "certificate_expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "certificate_not_yet_valid";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "certificate_wrong_host";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "certificate_self_signed";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "certificate_unknown_authority";
    default:
      return "certificate_refused";
  }
}

connection_failure of_certificate(const char* text, const char* reason) { return {because(text, reason), true}; }

}  // namespace

connection_failure failure_of(SSL* connection, bool asked_in_vain) {
  const int reason = ERR_GET_REASON(::ERR_peek_last_error());
  const auto text = take_last_error();
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED: {
      const auto verdict = ::SSL_get_verify_result(connection);
      return {because(std::string{"the certificate is refused: "} + ::X509_verify_cert_error_string(verdict),
                      reason_of_verification(verdict))};
    }
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return {because("the client has no certificate", "client_certificate_required")};
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return of_certificate("the server takes only clients with a certificate", "client_certificate_required");
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:  // TLS 1.2 has no alert of its own for it
      if (asked_in_vain)
        return of_certificate("the server takes only clients with a certificate", "client_certificate_required");
      return {because("the handshake failed: " + text, "tls_handshake_failed")};
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
      return of_certificate("the other side refuses our certificate", "client_certificate_refused");
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return {because("the other side speaks only versions of TLS before 1.2", "tls_version")};
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
      return {because("the other side does not speak TLS", "not_tls")};
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return stream_failure(connection, true, 0);
    default:
      if (!::SSL_is_init_finished(connection))
        return {because("the handshake failed: " + text, "tls_handshake_failed")};
      return {because("the connection broke the rules of TLS: " + text, "connection_lost")};
  }
}

connection_failure stream_failure(SSL* connection, bool ended, int system_error) {
  const auto what =
      ended || system_error == 0 ? "it ended without notice" : std::generic_category().message(system_error);
  if (!::SSL_is_init_finished(connection))
    return {because("the connection was lost within the handshake: " + what, "tls_handshake_failed")};
  return {because("the connection was lost: " + what, "connection_lost")};
}

}  // namespace banyan::tls
