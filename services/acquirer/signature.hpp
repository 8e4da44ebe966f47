// The signature of settlement callbacks: proves to the receiver that the acquirer sent this body, and when.
//
//   X-Acquirer-Signature: t=1700000000,v1=<hex HMAC-SHA256(secret, "1700000000." + body)>
//
//   request.headers.add(std::string{signature_header}, sign(secret, unix_seconds, body));
//
// A receiver computes the same, compares in constant time, and refuses a `t` that is minutes old. Pure; the HMAC is
// OpenSSL's (RFC 2104, FIPS 180-4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace acquirer {

inline constexpr std::string_view signature_header = "X-Acquirer-Signature";

std::string hmac_sha256_hex(std::string_view secret, std::string_view text);
std::string sign(std::string_view secret, std::int64_t unix_seconds, std::string_view body);

}  // namespace acquirer
