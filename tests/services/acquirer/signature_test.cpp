#include <services/acquirer/signature.hpp>

#include <catch2/catch.hpp>

using namespace acquirer;

// RFC 4231, test cases 1, 2 and 6.
TEST_CASE("the HMAC is that of RFC 4231", "[acquirer]") {
  CHECK(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac_sha256_hex("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_sha256_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("a signature covers time and body", "[acquirer]") {
  CHECK(sign("secret", 1'700'000'000, "{}") == "t=1700000000,v1=" + hmac_sha256_hex("secret", "1700000000.{}"));
  CHECK(sign("secret", 1'700'000'000, "{}") != sign("secret", 1'700'000'001, "{}"));
  CHECK(sign("secret", 1'700'000'000, "{}") != sign("secret", 1'700'000'000, "{ }"));
  CHECK(sign("secret", 1'700'000'000, "{}") != sign("secreT", 1'700'000'000, "{}"));
}
