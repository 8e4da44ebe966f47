#include <banyan/runtime/configuration.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <regex>

using namespace banyan;
using namespace std::chrono_literals;

TEST_CASE("a program's defaults carry its name, and are good values") {
  auto s = default_settings("shop");
  CHECK(s.journal == "sqlite:shop.db");
  CHECK(s.data == "./shop-data");
  for (auto& o : options_of(s)) {
    INFO(o.name());
    CHECK(o.try_set(o.value()));
    CHECK(o.origin() == "default");
  }
}

TEST_CASE("settings are configured like options, and remember where they came from") {
  application app{"shop", {}};
  auto s = default_settings("shop");
  const configuration_file file{"shop.toml", "threads = 4\ndrain_timeout = '3s'\nlog_format = 'json'\n"};
  configuration_sources sources{{file}, {"BANYAN_MAX_LAG=5"}, {"data=/var/lib/shop"}};
  REQUIRE(apply_configuration(app, s, sources).empty());
  CHECK(s.threads == 4);
  CHECK(s.drain_timeout == timespan{3s});
  CHECK(s.log_format == "json");
  CHECK(s.max_lag == 5);
  CHECK(s.data == "/var/lib/shop");
  CHECK(s.origins == decltype(s.origins){{"threads", "shop.toml:1"},
                                         {"drain_timeout", "shop.toml:2"},
                                         {"log_format", "shop.toml:3"},
                                         {"max_lag", "environment BANYAN_MAX_LAG"},
                                         {"data", "command line"}});
}

TEST_CASE("origins stay with a copy, and with what is not set again") {
  application app{"shop", {}};
  auto s = default_settings("shop");
  REQUIRE(apply_configuration(app, s, {{}, {}, {"threads=4"}}).empty());
  auto copy = s;
  REQUIRE(apply_configuration(app, copy, {{}, {}, {"max_lag=4"}}).empty());
  CHECK(copy.origins.at("threads") == "command line");
  CHECK(copy.threads == 4);
  CHECK(s.origins.count("max_lag") == 0);
}

TEST_CASE("values that make no sense are refused") {
  application app{"shop", {}};
  auto s = default_settings("shop");
  for (auto bad : {"threads=-1", "threads=2000", "io_threads=-1", "io_threads=65", "io_busy_poll=2ms", "log_level=loud",
                   "log_format=xml", "journal=shop.db", "journal=:x", "journal=sqlite:", "data=", "drain_timeout=2d", "request_deadline=0s", "max_lag=-1", "plaintext=yes", "listen=localhost", "admin=",
                   "allowed_origins=null", "allowed_origins=shop.example", "allowed_hosts=*.internal",
                   "allowed_hosts=shop.example:99999", "allowed_hosts=http://shop.example", "allowed_hosts=::1", "max_per_service=-1", "max_waiting=-1"}) {
    INFO(bad);
    CHECK(apply_configuration(app, s, {{}, {}, {bad}}).size() == 1);
  }
}

namespace {

// A line of these words, with spaces between to make columns.
bool has_line(const std::string& text, const std::vector<std::string>& words) {
  std::string pattern = "(^|\n)";
  for (const auto& w : words) pattern += (&w == &words.front() ? "" : " {2,}") + w;
  return std::regex_search(text, std::regex{pattern + "\n"});
}

}  // namespace

TEST_CASE("settings are shown one a line, with their origins") {
  application app{"shop", {}};
  auto s = default_settings("shop");
  REQUIRE(apply_configuration(app, s, {{}, {}, {"threads=4"}}).empty());
  auto text = describe(s);
  CHECK(has_line(text, {"threads", "4", "command line"}));
  CHECK(has_line(text, {"journal", "sqlite:shop.db", "default"}));
}

TEST_CASE("of a secret it is shown only whether it is set") {
  auto s = default_settings("shop");
  CHECK(has_line(describe(s), {"operator_token", "\\(not set\\)", "default"}));
  s.operator_token = "a-token-of-an-operator";
  s.otlp_headers = "api-key=hunter2";
  for (const auto& text : {describe(s), describe_as_json(s)}) {
    CHECK(text.find("(set)") != std::string::npos);
    CHECK(text.find("a-token") == std::string::npos);
    CHECK(text.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("an address to listen on is a host and a port") {
  auto a = parse_listen_address("127.0.0.1:8080");
  REQUIRE(a);
  CHECK(a->host == "127.0.0.1");
  CHECK(a->port == 8080);
  CHECK(parse_listen_address("localhost:0")->port == 0);
  CHECK(parse_listen_address("[::1]:65535")->host == "::1");
  for (auto bad : {"", ":", "8080", ":8080", "localhost:", "localhost:x", "localhost:65536", "localhost:-1", "::1:80", "[::1]", "[]:80",
                   "[::1:80", "a b:80", "http://x:80", "x:80 ", "x:+80"}) {
    INFO(bad);
    CHECK_FALSE(parse_listen_address(bad));
  }
}

TEST_CASE("what listens on all addresses is reached at the loopback address") {
  for (const auto& [listening, destination] : std::map<std::string, std::string>{{"0.0.0.0:1", "127.0.0.1:1"},
                                                                                 {"[::]:8081", "[::1]:8081"},
                                                                                 {"[::1]:8081", "[::1]:8081"},
                                                                                 {"10.0.0.7:80", "10.0.0.7:80"},
                                                                                 {"localhost:80", "localhost:80"}})
    CHECK(destination_of(parse_listen_address(listening).value()) == destination);
}
