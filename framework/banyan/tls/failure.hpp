// OpenSSL's errors of a connection as errors of ours; internal to tls/.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/tls/openssl.hpp>

namespace banyan::tls {

struct connection_failure {
  error why;
  bool is_of_our_certificate = false;  // an alert by which the peer refuses our certificate, or the lack of one
};

// After a call of OpenSSL on `connection` that failed with SSL_ERROR_SSL. `asked_in_vain`: the peer has asked for a
// certificate, and there is none.
connection_failure failure_of(SSL* connection, bool asked_in_vain);
// The stream ended, or an error of the system.
connection_failure stream_failure(SSL* connection, bool ended, int system_error);

}  // namespace banyan::tls
