#include <services/acquirer/signature.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace acquirer {

std::string hmac_sha256_hex(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, text.size(), digest.data(), &size))
    throw std::runtime_error{"HMAC-SHA256 is not available"};
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) (hex += digits[digest[i] >> 4]) += digits[digest[i] & 15];
  return hex;
}

std::string sign(std::string_view secret, std::int64_t unix_seconds, std::string_view body) {
  const auto t = std::to_string(unix_seconds);
  return "t=" + t + ",v1=" + hmac_sha256_hex(secret, (t + ".").append(body));
}

}  // namespace acquirer
