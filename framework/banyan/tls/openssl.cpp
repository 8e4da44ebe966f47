#include <banyan/tls/openssl.hpp>

#include <openssl/err.h>

namespace banyan::tls {

namespace {

// TLS 1.2: an ephemeral key exchange and an AEAD cipher. Those of 1.3 are all of this kind.
constexpr const char* ciphers_of_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";

error wrong(const std::string& file, const std::string& field, const std::string& why, const char* reason) {
  return error{code::invalid_argument, "'" + file + "' can not be used: " + why}.because(reason).at(field);
}

int no_pass_phrase(char*, int, int, void*) { return 0; }  // the default asks on the terminal

}  // namespace

std::string take_last_error() {
  const auto last = ::ERR_peek_last_error();
  ::ERR_clear_error();
  const char* text = last == 0 ? nullptr : ::ERR_reason_error_string(last);
  return text ? text : "unknown reason";
}

bool is_expired(const X509* certificate) {
  return certificate && ::X509_cmp_current_time(::X509_get0_notAfter(certificate)) < 0;
}

result<context_ptr> make_context(const SSL_METHOD* method) {
  context_ptr made{::SSL_CTX_new(method)};
  if (!made || ::SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION) != 1 ||
      ::SSL_CTX_set_cipher_list(made.get(), ciphers_of_1_2) != 1)
    return error{code::unavailable, "OpenSSL has no context: " + take_last_error()};
  // An end of the stream that was not announced is told by the session; OpenSSL would forget the peer's ticket.
  ::SSL_CTX_set_options(made.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                        SSL_OP_PRIORITIZE_CHACHA | SSL_OP_CIPHER_SERVER_PREFERENCE);
  ::SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                     SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_read_ahead(made.get(), 1);  // a record's head and content by one system call
  return made;
}

result<void> use_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key,
                             const std::string& fields) {
  ::ERR_clear_error();
  ::SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
  if (::SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return wrong(certificate, fields + "certificate", take_last_error(), "unreadable");
  if (::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool other = ERR_GET_REASON(::ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
                       ERR_GET_REASON(::ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH;
    const auto why = take_last_error();
    if (other) return wrong(key, fields + "key", "it is not the key of the certificate", "key_mismatch");
    return wrong(key, fields + "key", why, "unreadable");
  }
  if (::SSL_CTX_check_private_key(context) != 1)
    return wrong(key, fields + "key", "it is not the key of the certificate", "key_mismatch");
  return {};
}

result<void> trust(SSL_CTX* context, const std::string& authority, const std::string& field) {
  ::ERR_clear_error();
  if (::SSL_CTX_load_verify_file(context, authority.c_str()) != 1)
    return wrong(authority, field, take_last_error(), "unreadable");
  return {};
}

result<void> check_validity(SSL_CTX* context, const std::string& certificate, const std::string& field) {
  const auto* own = ::SSL_CTX_get0_certificate(context);
  if (is_expired(own)) return wrong(certificate, field, "it has expired", "certificate_expired");
  if (own && ::X509_cmp_current_time(::X509_get0_notBefore(own)) > 0)
    return wrong(certificate, field, "it is not valid yet", "certificate_not_yet_valid");
  return {};
}

std::vector<std::string> alternative_names(const X509* certificate, int kind) {
  std::vector<std::string> found;
  const std::unique_ptr<GENERAL_NAMES, freed_by<GENERAL_NAMES_free>> all{
      static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  if (!all) return found;
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type != kind) continue;  // the three kinds are all an IA5String
    found.emplace_back(reinterpret_cast<const char*>(::ASN1_STRING_get0_data(name->d.ia5)),
                       static_cast<std::size_t>(::ASN1_STRING_length(name->d.ia5)));
  }
  return found;
}

}  // namespace banyan::tls
