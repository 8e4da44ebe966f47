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

std::string asked(std::vector<std::string> words, const node_settings& settings) {
  return to_string(address_of(parsed(std::move(words)), settings).value());
}

}  // namespace

TEST_CASE("a command asks the node of its configuration, over https when that has a certificate") {
  node_settings settings;
  settings.admin = "127.0.0.1:9001";
  CHECK(asked({}, settings) == "http://127.0.0.1:9001");
  settings.admin_tls_certificate = "operations.pem";
  CHECK(asked({}, settings) == "https://127.0.0.1:9001");
}

TEST_CASE("a node that listens on all addresses is asked at the loopback address") {
  node_settings settings;
  settings.admin = "0.0.0.0:9001";
  CHECK(asked({}, settings) == "http://127.0.0.1:9001");
  settings.admin = "[::]:9001";
  settings.admin_tls_certificate = "operations.pem";
  CHECK(asked({}, settings) == "https://[::1]:9001");
  settings.admin = "10.0.0.7:9001";
  CHECK(asked({}, settings) == "https://10.0.0.7:9001");
}

TEST_CASE("--admin says where to ask, whatever the node listens on, and a URL whether it is https") {
  node_settings settings;
  settings.admin = "0.0.0.0:8081";
  CHECK(asked({"--admin", "shop.example:9001"}, settings) == "http://shop.example:9001");
  CHECK(asked({"--admin", "https://shop.example:9001/"}, settings) == "https://shop.example:9001");
  settings.admin_tls_certificate = "operations.pem";
  CHECK(asked({"--admin", "shop.example:9001"}, settings) == "https://shop.example:9001");
  CHECK(asked({"--admin", "http://shop.example:9001"}, settings) == "http://shop.example:9001");
  CHECK(settings.admin == "0.0.0.0:8081");
}

TEST_CASE("what is no address of an operations port is wrong usage") {
  for (const auto* wrong : {"shop.example", "127.0.0.1:0", "https://shop.example", "ftp://shop.example:1", ""}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parsed({"--admin", wrong}), CLI::ValidationError);
  }
  node_settings settings;
  settings.admin = "127.0.0.1:0";
  CHECK(address_of(parsed({}), settings).error().code == code::invalid_argument);
}

TEST_CASE("an error that a setting can cause says that the node may run with another one, if it is set") {
  node_settings settings;
  CHECK(options_of({}, settings).if_unanswered.find("--admin") != std::string::npos);
  CHECK(options_of({}, settings).if_refused.empty());
  settings.origins["operator_token"] = "shop.toml:1";
  CHECK(options_of({}, settings).if_unanswered.find("may still run") == std::string::npos);
  CHECK(options_of({}, settings).if_refused.starts_with("the node may still run with another operator_token"));
  settings.origins["admin"] = "shop.toml:2";
  CHECK(options_of({}, settings).if_unanswered.starts_with("the node may still run with another admin"));
  CHECK(options_of(parsed({"--admin", "127.0.0.1:1"}), settings).if_unanswered.empty());
  settings.origins["admin_tls_certificate"] = "shop.toml:3";
  CHECK_FALSE(options_of(parsed({"--admin", "127.0.0.1:1"}), settings).if_unanswered.empty());
}

TEST_CASE("files of TLS and the word plaintext are passed to the client") {
  node_settings settings;
  const auto words = parsed({"--authority", "ca.pem", "--certificate", "till.pem", "--key", "till.key"});
  const auto options = options_of(words, settings);
  CHECK(options.tls.authority == "ca.pem");
  CHECK(options.tls.certificate == "till.pem");
  CHECK(options.tls.key == "till.key");
  CHECK_FALSE(options.plaintext);
  CHECK(options.allow_plaintext == "--set plaintext=true");
  settings.plaintext = true;
  CHECK(options_of(words, settings).plaintext);
  CHECK_THROWS_AS(parsed({"--certificate", "till.pem"}), CLI::RequiresError);
  CHECK_THROWS_AS(parsed({"--key", "till.key"}), CLI::RequiresError);
}
