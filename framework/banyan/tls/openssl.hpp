// What users of OpenSSL share; internal to tls/ and engines/framed_transport. Includes OpenSSL's headers.
#pragma once

#include <banyan/core/result.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <vector>

namespace banyan::tls {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* t) const {
    Free(t);
  }
};
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using connection_ptr = std::unique_ptr<SSL, freed_by<SSL_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using session_ptr = std::unique_ptr<SSL_SESSION, freed_by<SSL_SESSION_free>>;

// Loads a certificate with its chain, and its key, which must fit it and have no pass phrase. Errors: invalid_argument,
// with `fields` + "certificate" or "key" as field, reason "unreadable" or "key_mismatch".
result<void> use_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key,
                             const std::string& fields);
// Trusts the certificates of a file. Errors: invalid_argument, reason "unreadable".
result<void> trust(SSL_CTX* context, const std::string& authority, const std::string& field);
// Errors: invalid_argument, reason "certificate_expired" or "certificate_not_yet_valid".
result<void> check_validity(SSL_CTX* context, const std::string& certificate, const std::string& field);
bool is_expired(const X509* certificate);

// A context of client or server with what both have in common: versions, ciphers, modes.
result<context_ptr> make_context(const SSL_METHOD* method);

// The subject alternative names of a kind: GEN_DNS, GEN_URI, GEN_EMAIL.
std::vector<std::string> alternative_names(const X509* certificate, int kind);

// The last error in OpenSSL's queue of this thread as a sentence; empties the queue.
std::string take_last_error();

}  // namespace banyan::tls
