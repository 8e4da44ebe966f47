#include <banyan/runtime/operations_arguments.hpp>

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;

namespace {

operations_arguments parsed(std::vector<std::string> words) {
  CLI::App cli;
  operations_arguments a;
  add_operations_arguments(cli, a);
  std::reverse(words.begin(), words.end());
  cli.parse(words);
  return a;
}

}  // namespace

TEST_CASE("a command asks the node of its configuration, over https when that has a certificate") {
  node_settings settings;
  settings.admin = "127.0.0.1:9001";
  CHECK(address_of(parsed({}), settings) == "127.0.0.1:9001");
  settings.admin_tls_certificate = "operations.pem";
  CHECK(address_of(parsed({}), settings) == "https://127.0.0.1:9001");
}

TEST_CASE("--admin is the setting of this name, and a URL says whether it is https") {
  CHECK(setting_of_admin("127.0.0.1:0") == "127.0.0.1:0");
  CHECK(setting_of_admin("http://127.0.0.1:9001") == "127.0.0.1:9001");
  CHECK(setting_of_admin("https://shop.example:9001/") == "shop.example:9001");
  CHECK(setting_of_admin("https://shop.example") == "https://shop.example");  // is refused as a setting
  node_settings settings;
  settings.admin = "shop.example:9001";
  CHECK(address_of(parsed({"--admin", "shop.example:9001"}), settings) == "shop.example:9001");
  CHECK(address_of(parsed({"--admin", "https://shop.example:9001"}), settings) == "https://shop.example:9001");
  settings.admin_tls_certificate = "operations.pem";
  CHECK(address_of(parsed({"--admin", "shop.example:9001"}), settings) == "https://shop.example:9001");
  CHECK(address_of(parsed({"--admin", "http://shop.example:9001"}), settings) == "http://shop.example:9001");
}

TEST_CASE("files of TLS and the word plaintext are passed to the client") {
  node_settings settings;
  const auto words = parsed({"--authority", "ca.pem", "--certificate", "till.pem", "--key", "till.key"});
  const auto options = options_of(words, settings);
  CHECK(options.tls.authority == "ca.pem");
  CHECK(options.tls.certificate == "till.pem");
  CHECK(options.tls.key == "till.key");
  CHECK_FALSE(options.plaintext);
  settings.plaintext = true;
  CHECK(options_of(words, settings).plaintext);
  CHECK_THROWS_AS(parsed({"--certificate", "till.pem"}), CLI::RequiresError);
  CHECK_THROWS_AS(parsed({"--key", "till.key"}), CLI::RequiresError);
}
