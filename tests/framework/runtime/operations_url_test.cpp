#include <banyan/runtime/operations_url.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("the address of an operations port is a URL, or host and port") {
  for (const auto* good : {"http://127.0.0.1:8081", "http://127.0.0.1:8081/", "127.0.0.1:8081", "127.0.0.1:8081/"}) {
    CAPTURE(good);
    CHECK(parse_operations_url(good).value() == operations_url{false, "127.0.0.1:8081"});
  }
  CHECK(parse_operations_url("http://[::1]:8081").value() == operations_url{false, "[::1]:8081"});
  const auto url = parse_operations_url("https://shop.example:8081/").value();
  CHECK(url.is_https);
  CHECK(url.authority == "shop.example:8081");
  CHECK(to_string(url) == "https://shop.example:8081");
  for (const auto* wrong : {"", "https://127.0.0.1", "ftp://127.0.0.1:8081", "http://127.0.0.1:8081/topology",
                            "http://127.0.0.1", "127.0.0.1:0", "http://a@127.0.0.1:8081", "http://127.0.0.1:8081?x",
                            "http://https://127.0.0.1:8081", "https://"}) {
    CAPTURE(wrong);
    CHECK(parse_operations_url(wrong).error().code == code::invalid_argument);
    CHECK(parse_operations_url(wrong, true).error().code == code::invalid_argument);
  }
}

TEST_CASE("an address without a scheme has the one that its reader knows of") {
  CHECK(to_string(parse_operations_url("127.0.0.1:8081").value()) == "http://127.0.0.1:8081");
  CHECK(to_string(parse_operations_url("127.0.0.1:8081", true).value()) == "https://127.0.0.1:8081");
  CHECK_FALSE(parse_operations_url("http://127.0.0.1:8081", true)->is_https);
  CHECK(parse_operations_url("https://127.0.0.1:8081", false)->is_https);
}

TEST_CASE("what is written is read as the same address") {
  for (const bool https : {false, true})
    for (const auto* authority : {"127.0.0.1:1", "[::1]:65535", "localhost:80", "shop.example:8081"}) {
      const operations_url url{https, authority};
      CAPTURE(to_string(url));
      CHECK(parse_operations_url(to_string(url)).value() == url);
      CHECK(parse_operations_url(to_string(url), true).value() == url);
    }
}

TEST_CASE("this machine is a loopback address or localhost; names are not looked up") {
  for (const auto* here : {"127.0.0.1:8081", "127.8.8.8:1", "[::1]:8081", "localhost:8081"}) {
    CAPTURE(here);
    CHECK(is_this_machine({false, here}));
  }
  for (const auto* elsewhere : {"0.0.0.0:8081", "[::]:8081", "10.0.0.1:8081", "shop.example:8081", "127.0.0.1", ""}) {
    CAPTURE(elsewhere);
    CHECK_FALSE(is_this_machine({false, elsewhere}));
  }
}
