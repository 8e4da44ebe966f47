#include <tests/framework/engines/framed_transport/certificates.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <stdexcept>

namespace banyan::test {

namespace {

template <class T, void (*Free)(T*)>
struct freed {
  void operator()(T* t) const { Free(t); }
};
using key = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY, EVP_PKEY_free>>;
using certificate = std::unique_ptr<X509, freed<X509, X509_free>>;

void require(bool done) {
  if (!done) throw std::runtime_error{"OpenSSL could not make a test certificate"};
}

template <class Write>
void write_pem(const std::filesystem::path& to, Write write) {
  const std::unique_ptr<BIO, freed<BIO, BIO_free_all>> out{BIO_new_file(to.c_str(), "w")};
  require(out && write(out.get()) == 1);
}
void write_pem(const std::filesystem::path& to, const key& k) {
  write_pem(to,
            [&](BIO* out) { return PEM_write_bio_PrivateKey(out, k.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}
void write_pem(const std::filesystem::path& to, const certificate& c) {
  write_pem(to, [&](BIO* out) { return PEM_write_bio_X509(out, c.get()); });
}

void extend(X509* c, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, c, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, freed<X509_EXTENSION, X509_EXTENSION_free>> made{
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  require(made && X509_add_ext(c, made.get(), -1) == 1);
}

// Good for an hour. `issuer` is the certificate itself for one that signs itself.
certificate make(const std::string& name, const key& of, X509* issuer, long serial) {
  certificate c{X509_new()};
  require(c && X509_set_version(c.get(), 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(c.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(c.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(c.get()), 3600);
  auto* subject = X509_get_subject_name(c.get());
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()),
                                     -1, -1, 0) == 1);
  require(X509_set_issuer_name(c.get(), X509_get_subject_name(issuer ? issuer : c.get())) == 1 &&
          X509_set_pubkey(c.get(), of.get()) == 1);
  return c;
}

}  // namespace

struct certificate_authority::keys {
  key own{EVP_EC_gen("P-256")};
  certificate root = make("authority of a test", own, nullptr, 1);
};

certificate_authority::certificate_authority() : keys_{std::make_unique<keys>()} {
  auto pattern = (std::filesystem::temp_directory_path() / "banyan-certificates-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error{"no folder for certificates"};
  folder_ = pattern;
  auto* root = keys_->root.get();
  extend(root, root, NID_basic_constraints, "critical,CA:TRUE");
  extend(root, root, NID_key_usage, "critical,keyCertSign");
  require(X509_sign(root, keys_->own.get(), EVP_sha256()) > 0);
  write_pem(file(), keys_->root);
}

certificate_authority::~certificate_authority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

tls_files certificate_authority::issue(const std::string& uri) {
  const auto name = "node-" + std::to_string(++issued_);
  const key own{EVP_EC_gen("P-256")};
  const auto made = make(name, own, keys_->root.get(), issued_ + 1);
  extend(made.get(), keys_->root.get(), NID_subject_alt_name, "URI:" + uri);
  extend(made.get(), keys_->root.get(), NID_ext_key_usage, "serverAuth,clientAuth");
  require(X509_sign(made.get(), keys_->own.get(), EVP_sha256()) > 0);
  write_pem(folder_ / (name + ".key"), own);
  write_pem(folder_ / (name + ".pem"), made);
  return {.certificate = folder_ / (name + ".pem"), .key = folder_ / (name + ".key"), .authority = file()};
}

}  // namespace banyan::test
