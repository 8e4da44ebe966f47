#include <banyan/http/authority.hpp>
#include <banyan/http/host_rules.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("an authority is read and written with its port checked and IPv6 in brackets", "[http]") {
  CHECK(read_authority("h")->port == std::nullopt);
  CHECK(read_authority("h:")->port == std::nullopt);
  CHECK(read_authority("h:65535")->port == 65535);
  CHECK(read_authority("h:00080")->port == 80);
  CHECK(read_authority("[::1]:1")->host == "::1");
  CHECK(read_authority("a%2Db:1")->host == "a-b");
  for (const auto* bad : {"h:65536", "h:99999", "h:4294967376", "h:18446744073709551696", "h:-1", "h:+1", "h:8o", "u@h", "[::1", "a/b"}) {
    INFO(bad);
    REQUIRE_FALSE(read_authority(bad));
    CHECK(read_authority(bad).error().code == code::invalid_argument);
  }
  CHECK(to_authority("::1", 80) == "[::1]:80");
  CHECK(to_authority("127.0.0.1", 80) == "127.0.0.1:80");
}

TEST_CASE("the name in a Host decides whether it is ours, not its port", "[http]") {
  struct row {
    const char* listening;
    std::vector<std::string> allowed;
    const char* host;
    bool ours;
  };
  const std::vector<row> rows{
      {"127.0.0.1", {}, "127.0.0.1:8080", true},
      {"127.0.0.1", {}, "127.0.0.1", true},
      {"127.0.0.1", {}, "localhost:1", true},
      {"127.0.0.1", {}, "LocalHost", true},
      {"127.0.0.1", {}, "localhost.", true},
      {"127.0.0.1", {}, "shop.localhost:8080", true},
      {"127.0.0.1", {}, "[::1]:8080", true},
      {"127.0.0.1", {}, "[::ffff:127.0.0.1]", true},
      {"127.0.0.1", {}, "127.9.9.9", true},
      {"127.0.0.1", {}, "", true},
      {"127.0.0.1", {}, "evil.example", false},
      {"127.0.0.1", {}, "evil.example:8080", false},
      {"127.0.0.1", {}, "localhost.evil.example", false},
      {"127.0.0.1", {}, "notlocalhost", false},
      {"127.0.0.1", {}, ".localhost", false},
      {"127.0.0.1", {}, "127.0.0.1.evil.example", false},
      {"127.0.0.1", {}, "127.1", false},
      {"127.0.0.1", {}, "192.0.2.1", false},
      {"127.0.0.1", {}, "[2001:db8::1]", false},
      {"127.0.0.1", {}, "localhost:99999", false},
      {"127.0.0.1", {}, "u@localhost", false},
      {"localhost", {}, "localhost", true},
      {"localhost", {}, "evil.example", false},
      {"::1", {}, "[::1]:80", true},
      {"::1", {}, "[0:0:0:0:0:0:0:1]", true},
      {"192.0.2.1", {}, "192.0.2.1:80", true},
      {"192.0.2.1", {}, "192.0.2.2", false},
      {"192.0.2.1", {}, "evil.example", false},
      {"192.0.2.1", {}, "", false},
      {"0.0.0.0", {}, "192.0.2.7:80", true},
      {"::", {}, "[2001:db8::1]", true},
      {"0.0.0.0", {}, "evil.example", false},
      {"0.0.0.0", {}, "", false},
      {"127.0.0.1", {"shop.example"}, "shop.example:8080", true},
      {"127.0.0.1", {"shop.example"}, "SHOP.example.", true},
      {"127.0.0.1", {"shop.example:8080"}, "shop.example", true},
      {"127.0.0.1", {"shop.example"}, "a.shop.example", false},
      {"127.0.0.1", {"shop.example"}, "myshop.example", false},
      {"127.0.0.1", {".shop.example"}, "a.b.shop.example", true},
      {"127.0.0.1", {".shop.example"}, "shop.example", false},
      {"127.0.0.1", {".shop.example"}, "evilshop.example", false},
      {"127.0.0.1", {"a.example", "b.example"}, "b.example", true},
      {"127.0.0.1", {"*"}, "evil.example", true},
      {"127.0.0.1", {"[2001:db8::1]"}, "[2001:db8::1]:80", true},
  };
  for (const auto& [listening, allowed, host, ours] : rows) {
    CAPTURE(listening, allowed, host);
    CHECK(host_rules{listening, allowed}.allow(host) == ours);
  }
  CHECK(host_rules{}.allow("localhost"));
  CHECK_FALSE(host_rules{}.allow("shop.example"));
  CHECK_FALSE(host_rules{}.allow(""));
}

TEST_CASE("a list of hosts has commas or spaces, and nothing in it that no request could name", "[http]") {
  using hosts = std::vector<std::string>;
  CHECK(parse_hosts("shop.example, .internal:8080,[::1]:80  127.0.0.1 other.example.").value() ==
        hosts{"shop.example", ".internal", "[::1]", "127.0.0.1", "other.example"});
  CHECK(parse_hosts("*").value() == hosts{"*"});
  CHECK(parse_hosts(" , ").value().empty());
  for (const auto* bad : {"*.internal", "::1", "shop.example:99999", "http://shop.example", "a, b/c", "u@shop.example", ".", ":80"}) {
    INFO(bad);
    CHECK_FALSE(parse_hosts(bad));
  }
  const host_rules rules{"127.0.0.1", parse_hosts("a.example b.example .internal:1").value()};
  for (const auto* ours : {"a.example", "b.example:8080", "x.internal"}) CHECK(rules.allow(ours));
}
