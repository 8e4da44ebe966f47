#include <services/payments/signature.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <vector>

namespace shop::payments {

using banyan::code;
using banyan::error;

namespace {

constexpr std::size_t most_header = 1024, most_secret = 4096, most_signatures = 8;

std::string mac_of(std::string_view secret, std::string_view time, std::string_view body) {
  std::string text{time};
  text += '.';
  text += body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, text.size(), mac.data(), &length))
    return {};
  constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += digits[mac[i] >> 4];
    hex += digits[mac[i] & 15];
  }
  return hex;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto from = text.find_first_not_of(blank);
  return from == std::string_view::npos ? std::string_view{}
                                        : text.substr(from, text.find_last_not_of(blank) + 1 - from);
}

struct parts {
  std::string_view time;
  std::int64_t seconds = 0;
  std::vector<std::string_view> signatures;
};

std::optional<parts> parse(std::string_view header) {
  parts p;
  if (header.size() > most_header) return {};
  while (!header.empty()) {
    const auto comma = header.find(',');
    const auto item = trimmed(header.substr(0, comma));
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    if (item.starts_with("t=")) {
      if (!p.time.empty()) return {};
      p.time = item.substr(2);
      const auto [end, bad] = std::from_chars(p.time.data(), p.time.data() + p.time.size(), p.seconds);
      if (bad != std::errc{} || end != p.time.data() + p.time.size() || p.seconds < 0) return {};
    } else if (item.starts_with("v1=")) {
      if (p.signatures.size() == most_signatures) return {};
      p.signatures.push_back(item.substr(3));
    }
  }
  if (p.time.empty() || p.signatures.empty()) return {};
  return p;
}

std::int64_t seconds_of(banyan::instant t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}

error unproven(std::string sentence) {
  return error{code::unauthenticated, std::move(sentence)}.because("bad_signature");
}

}  // namespace

banyan::result<void> verify_signature(std::string_view secret, std::string_view header, std::string_view body,
                                      banyan::instant now) {
  const auto given = parse(header);
  if (!given) return unproven("the signature is not of the form t=SECONDS,v1=HEX");
  const auto right = mac_of(secret, given->time, body);
  bool is_right = false;
  for (const auto& s : given->signatures)
    is_right =
        (!right.empty() && s.size() == right.size() && CRYPTO_memcmp(s.data(), right.data(), right.size()) == 0) ||
        is_right;
  if (!is_right) return unproven("the signature is not right");
  constexpr auto most = std::chrono::duration_cast<std::chrono::seconds>(signature_tolerance).count();
  const auto here = seconds_of(now);
  if (given->seconds > here + most || given->seconds < here - most)
    return error{code::unauthenticated, "the signature is of another time"}.because("signature_expired");
  return {};
}

std::string sign(std::string_view secret, std::string_view body, banyan::instant now) {
  const auto time = std::to_string(seconds_of(now));
  return "t=" + time + ",v1=" + mac_of(secret, time, body);
}

banyan::result<std::string> callback_secret() {
  const auto missing = [](std::string sentence) {
    return error{code::unavailable, std::move(sentence)}.because("not_configured");
  };
  if (const char* path = std::getenv("SHOP_ACQUIRER_SECRET_FILE"); path && *path) {
    std::ifstream file{path, std::ios::binary};
    std::string text(most_secret + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    const auto secret = trimmed(text);
    if (text.size() > most_secret || secret.empty())
      return missing(
          "the file that SHOP_ACQUIRER_SECRET_FILE names can not be read, is empty, or has more than 4,096 bytes");
    return std::string{secret};
  }
  if (const char* secret = std::getenv("SHOP_ACQUIRER_SECRET"); secret && *secret) return std::string{secret};
  return missing(
      "settlements can not be verified: set SHOP_ACQUIRER_SECRET_FILE to a file with the secret that the acquirer "
      "signs with");
}

}  // namespace shop::payments
