// The acquirer's signature of its callbacks.
#include <services/payments/signature.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace banyan;
using namespace shop::payments;
using namespace std::chrono_literals;

namespace {

const instant now{std::chrono::sys_seconds{1'700'000'000s}};
const std::string body = R"({"event_id":"evt_1"})", secret = "whsec_test";

std::string why(std::string_view header, std::string_view of = body, instant at = now) {
  const auto verified = verify_signature(secret, header, of, at);
  if (verified) return "genuine";
  CHECK(verified.error().code == code::unauthenticated);
  CHECK(verified.error().message.find(secret) == std::string::npos);
  return verified.error().reason;
}

}  // namespace

TEST_CASE("a signature is the HMAC of time and body, by a value that others compute as well") {
  // printf '1700000000.{"event_id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
  CHECK(sign(secret, body, now) == "t=1700000000,v1=0344289cae2f5eb6d2640d79205fa65017efc017e224155b7ef95f784061172c");
  CHECK(why(sign(secret, body, now)) == "genuine");
}

TEST_CASE("a signature of another secret, body or time is refused") {
  const auto right = sign(secret, body, now);
  CHECK(why(sign("another", body, now)) == "bad_signature");
  CHECK(why(right, body + " ") == "bad_signature");
  auto later = right;
  later.replace(later.find("1700000000"), 10, "1700000001");
  CHECK(why(later) == "bad_signature");
  auto changed = right;
  changed.back() = changed.back() == '0' ? '1' : '0';
  CHECK(why(changed) == "bad_signature");
  CHECK(why(right.substr(0, right.size() - 1)) == "bad_signature");
}

TEST_CASE("a signature is good for five minutes, whichever clock is ahead") {
  for (const auto off : {0s, 300s, -300s}) CHECK(why(sign(secret, body, now + off)) == "genuine");
  for (const auto off : {301s, -301s, 86400s}) CHECK(why(sign(secret, body, now + off)) == "signature_expired");
}

TEST_CASE("one of several signatures suffices while a secret is exchanged, and other versions are ignored") {
  const auto right = sign(secret, body, now);
  const auto hex = right.substr(right.find("v1=") + 3);
  CHECK(why("t=1700000000,v1=" + std::string(64, '0') + ",v1=" + hex) == "genuine");
  CHECK(why("t=1700000000, v0=abc, v1=" + hex) == "genuine");
}

TEST_CASE("what is no signature is refused, however long or odd it is") {
  const auto hex = std::string(64, 'a');
  std::string many = "t=1700000000";
  for (int i = 0; i < 9; ++i) many += ",v1=" + hex;
  for (const std::string& header :
       {std::string{}, std::string{"t="}, std::string{"v1=" + hex}, std::string{"t=1700000000"}, "t=17x,v1=" + hex,
        "t=-1,v1=" + hex, "t=99999999999999999999,v1=" + hex, "t=1,t=2,v1=" + hex, many, std::string(5000, ','),
        std::string{"t=1700000000,v1="}}) {
    CAPTURE(header);
    CHECK(why(header) == "bad_signature");
  }
  CHECK(why("t=9223372036854775807,v1=" + hex) == "bad_signature");
}

TEST_CASE("the secret is the content of a file, read each time, or a variable; without both nothing is verified") {
  const auto folder = std::filesystem::temp_directory_path() / ("signature_test-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto file = (folder / "secret").string();
  unsetenv("SHOP_ACQUIRER_SECRET");
  unsetenv("SHOP_ACQUIRER_SECRET_FILE");
  CHECK(callback_secret().error().reason == "not_configured");
  setenv("SHOP_ACQUIRER_SECRET", "from the variable", 1);
  CHECK(callback_secret().value() == "from the variable");
  setenv("SHOP_ACQUIRER_SECRET_FILE", file.c_str(), 1);
  CHECK(callback_secret().error().code == code::unavailable);  // no such file: not silently another secret
  std::ofstream{file} << " one \n";
  CHECK(callback_secret().value() == "one");
  std::ofstream{file} << "two";
  CHECK(callback_secret().value() == "two");
  std::ofstream{file} << "\n";
  CHECK(callback_secret().error().reason == "not_configured");
  unsetenv("SHOP_ACQUIRER_SECRET");
  unsetenv("SHOP_ACQUIRER_SECRET_FILE");
  std::filesystem::remove_all(folder);
}
