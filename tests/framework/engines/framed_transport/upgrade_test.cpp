// The handshake by which a connection between nodes begins.
#include <banyan/engines/framed_transport/upgrade.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace banyan;
using namespace banyan::framed;

namespace {

http_request parsed(const std::string& bytes) {
  request_parser parser{upgrade_limits};
  std::string_view rest = bytes;
  while (!rest.empty() && parser.state() == parse_state::head) {
    const auto room = parser.prepare();
    const auto n = std::min(room.size(), rest.size());
    std::copy_n(rest.begin(), n, room.begin());
    parser.commit(n);
    rest.remove_prefix(n);
  }
  REQUIRE(parser.state() == parse_state::done);
  return parser.take();
}

int judged(std::string request) { return judge_upgrade(parsed(std::move(request)), "shop"); }

std::string changed(const std::string& from, const std::string& to) {
  auto request = upgrade_request("shop", "10.0.0.7:7000");
  REQUIRE(request.find(from) != std::string::npos);
  return request.replace(request.find(from), from.size(), to);
}

std::string reason(std::string_view head) {
  const auto r = read_upgrade_response(head);
  return r ? "" : r.error().reason;
}

}  // namespace

TEST_CASE("an upgrade is asked for as it is understood", "[framed][upgrade]") {
  CHECK(judged(upgrade_request("shop", "10.0.0.7:7000")) == 101);
  CHECK(judged(changed("banyan/1", "banyan/2, banyan/1")) == 101);
}

TEST_CASE("what is no upgrade of this application is told what it lacks", "[framed][upgrade]") {
  CHECK(judged("GET /banyan/transport HTTP/1.1\r\nHost: a\r\n\r\n") == 426);
  CHECK(judged(changed("banyan/1", "websocket")) == 426);
  CHECK(judged(changed("GET", "PUT")) == 426);
  CHECK(judged(changed("Connection: Upgrade", "Connection: close")) == 426);
  CHECK(judged(changed("/banyan/transport", "/")) == 404);
  CHECK(judged(changed("Application: shop", "Application: bank")) == 403);
  CHECK(upgrade_response(426).find("\r\nUpgrade: banyan/1\r\n") != std::string::npos);
}

TEST_CASE("an answer to the upgrade is taken, or says why not", "[framed][upgrade]") {
  CHECK(reason(upgrade_response(101)) == "");
  CHECK(reason(upgrade_response(403)) == "not_accepted");
  CHECK(reason(upgrade_response(503)) == "not_accepted");
  CHECK(reason(upgrade_response(426)) == "version_refused");
  CHECK(reason(upgrade_response(404)) == "handshake_failed");
  CHECK(reason("HTTP/1.1 101 Switching Protocols\r\nUpgrade: banyan/2\r\n\r\n") == "version_refused");
  CHECK(reason("HTTP/1.1 101 Switching Protocols\r\n\r\n") == "version_refused");
  CHECK(reason("HTTP/1.1 1x1 \r\n\r\n") == "handshake_failed");
  CHECK(reason("SSH-2.0-OpenSSH\r\n\r\n") == "handshake_failed");
  CHECK(reason("") == "handshake_failed");
}

TEST_CASE("the end of a head is found wherever packets end", "[framed][upgrade]") {
  const auto head = upgrade_response(101);
  for (std::size_t first = 0; first <= head.size(); ++first) {
    const auto early = find_head_end(std::string_view{head}.substr(0, first), 0);
    CHECK(early == (first == head.size() ? first : std::string::npos));
    CHECK(find_head_end(head + "frames", first) == head.size());
  }
}

TEST_CASE("whatever stands in an answer, it is read or refused", "[framed][upgrade][property]") {
  int taken = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    std::mt19937_64 random{seed};
    auto head = upgrade_response(101);
    for (auto n = random() % 3; n > 0; --n) head[random() % head.size()] = static_cast<char>(random());
    head.resize(head.size() - random() % 3);
    const std::vector<char> bytes(head.begin(), head.end());  // of exactly this size: a sanitizer sees a read beyond it
    taken += read_upgrade_response({bytes.data(), bytes.size()}).has_value();
  }
  CHECK(taken > 100);
  CHECK(taken < 2'000);
}
