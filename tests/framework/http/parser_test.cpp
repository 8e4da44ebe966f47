#include <banyan/http/parser.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace banyan;
using namespace std::string_literals;

namespace {

template <class Parser>
void push(Parser& parser, std::string_view bytes) {
  while (!bytes.empty() && parser.state() != parse_state::failed && parser.state() != parse_state::done) {
    const auto room = parser.prepare();
    const auto n = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), n, room.begin());
    parser.commit(n);
    bytes.remove_prefix(n);
  }
}

// What a server would do with these packets: a line per request, then the fault if there is one.
std::string outcome_of(const std::vector<std::string>& packets, const http_limits& limits = {}) {
  request_parser parser{limits};
  std::string out;
  for (const auto& packet : packets) {
    std::string_view rest = packet;
    while (!rest.empty()) {
      const auto room = parser.prepare();
      const auto n = std::min(room.size(), rest.size());
      std::copy_n(rest.begin(), n, room.begin());
      parser.commit(n);
      rest.remove_prefix(n);
      while (parser.state() == parse_state::done) {
        const bool keep = parser.keep_alive();
        const auto r = parser.take();
        out += r.method + " " + r.target + " [" + r.body + "]" + (keep ? "" : " close") + "\n";
        parser.next();
      }
      if (parser.state() == parse_state::failed) return out + std::to_string(parser.fault().status);
    }
  }
  if (parser.untouched()) return out;
  parser.finish();
  return out + (parser.state() == parse_state::failed ? "cut " + std::to_string(parser.fault().status) : "done");
}

// The requests in an outcome, without how it ended.
std::string accepted(const std::string& outcome) { return outcome.substr(0, outcome.rfind('\n') + 1); }

const std::string host = "Host: h\r\n";

}  // namespace

TEST_CASE("requests are the same however the stream is cut into packets", "[http][parser]") {
  const std::string stream = "GET /a?b=c HTTP/1.1\r\n" + host + "X: 1\r\n\r\n" + "POST /b HTTP/1.1\r\n" + host +
                             "Content-Length: 5\r\n\r\nhello" + "\r\nPOST /c HTTP/1.1\r\n" + host +
                             "Transfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n" +
                             "POST /d HTTP/1.1\r\n" + host + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n" + "GET /e HTTP/1.0\r\n\r\n";
  const std::string expected = "GET /a?b=c []\nPOST /b [hello]\nPOST /c [hello world]\nPOST /d []\nGET /e [] close\n";
  CHECK(outcome_of({stream}) == expected);
  for (std::size_t at = 1; at < stream.size(); ++at) {
    INFO(at);
    REQUIRE(outcome_of({stream.substr(0, at), stream.substr(at)}) == expected);
  }
  std::vector<std::string> bytes;
  for (const char c : stream) bytes.emplace_back(1, c);
  CHECK(outcome_of(bytes) == expected);
}

TEST_CASE("a stream that ends within a message is a fault, between messages it is not", "[http][parser]") {
  const std::string stream = "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc";
  for (std::size_t at = 1; at < stream.size(); ++at) {
    INFO(at);
    REQUIRE(outcome_of({stream.substr(0, at)}) == "cut 400");
  }
  CHECK(outcome_of({stream}) == "POST / [abc]\n");
  CHECK(outcome_of({}) == "");
}

TEST_CASE("what two readers might delimit differently is refused", "[http][parser]") {
  struct row {
    const char* what;
    std::string text;
    std::string expected;
  };
  const std::string post = "POST / HTTP/1.1\r\n" + host;
  const std::vector<row> rows{
      {"length and coding", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"coding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "400"},
      {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400"},
      {"one length twice", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "400"},
      {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\nhello", "400"},
      {"a signed length", post + "Content-Length: +5\r\n\r\nhello", "400"},
      {"a negative length", post + "Content-Length: -1\r\n\r\n", "400"},
      {"a hexadecimal length", post + "Content-Length: 0x5\r\n\r\nhello", "400"},
      {"an empty length", post + "Content-Length:\r\n\r\n", "400"},
      {"a huge length", post + "Content-Length: 99999999999999999999999\r\n\r\n", "400"},
      {"a space before the colon", post + "Content-Length : 5\r\n\r\nhello", "400"},
      {"a space before the name", post + " Content-Length: 5\r\n\r\nhello", "400"},
      {"a coding that is not chunked", post + "Transfer-Encoding: gzip\r\n\r\n", "501"},
      {"chunked under another", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"},
      {"chunked with junk", post + "Transfer-Encoding: xchunked\r\n\r\n", "501"},
      {"chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "501"},
      {"two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400"},
      {"identity with a length", post + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", "400"},
      {"coding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"a bare line feed", "GET / HTTP/1.1\nHost: h\n\n", "505"},
      {"a bare line feed in the header", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", "400"},
      {"a bare carriage return", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", "400"},
      {"a NUL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s, "400"},
      {"a NUL in a name", "GET / HTTP/1.1\r\nHost: h\r\nX\0: a\r\n\r\n"s, "400"},
      {"no name", "GET / HTTP/1.1\r\nHost: h\r\n: a\r\n\r\n", "400"},
      {"no host", "GET / HTTP/1.1\r\n\r\n", "400"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
      {"a host that is none", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"},
      {"a port that does not exist", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "400"},
      {"a user in the host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "400"},
      {"a chunk size that is none", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400"},
      {"a negative chunk size", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello", "400"},
      {"a space before a chunk size", post + "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n", "400"},
      {"a space behind a chunk size", post + "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n", "400"},
      {"a chunk size with zeros without end", post + "Transfer-Encoding: chunked\r\n\r\n" + std::string(300, '0'), "400"},
      {"a chunk size that overflows", post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello", "400"},
      {"a chunk longer than it says", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", "400"},
      {"a line feed in a chunk extension", post + "Transfer-Encoding: chunked\r\n\r\n5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", "400"},
      {"a length in the trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n", "400"},
      {"a version of the future", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"},
      {"no version", "GET /\r\nHost: h\r\n\r\n", "400"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
      {"a tunnel", "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", "501"},
      {"an unknown expectation", "GET / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n", "417"},
      {"an unknown expectation in a line of its own",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\nExpect: miracles\r\n\r\n", "417"},
      {"two expectations in one line", "GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue, miracles\r\n\r\n", "417"},
      {"https on a plain port", "GET https://h/a HTTP/1.1\r\nHost: h\r\n\r\n", "421"},
      {"HTTPS on a plain port", "GET HTTPS://h:443/a HTTP/1.1\r\nHost: h\r\n\r\n", "421"},
      {"a climbing path", "GET /../x HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
      {"TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, "400"},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
  };
  for (const auto& [what, text, expected] : rows) {
    INFO(what);
    CHECK(outcome_of({text}) == expected);
    std::vector<std::string> bytes;
    for (const char c : text) bytes.emplace_back(1, c);
    // Byte by byte it may be noticed later, but nothing gets through.
    CHECK(accepted(outcome_of(bytes)).empty());
    CHECK_FALSE(outcome_of(bytes).empty());
  }
}

TEST_CASE("trailer fields never reach the header", "[http][parser]") {
  request_parser parser{{}};
  push(parser, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer x\r\n\r\n");
  REQUIRE(parser.state() == parse_state::done);
  CHECK(parser.take().headers.find("authorization") == nullptr);
}

TEST_CASE("limits are exact and found as early as the bytes are there", "[http][parser]") {
  const http_limits limits{.header_bytes = 512, .header_count = 4, .target_bytes = 20, .body_bytes = 10};
  const auto get = [&](const std::string& target, const std::string& fields) {
    return outcome_of({"GET " + target + " HTTP/1.1\r\n" + host + fields + "\r\n"}, limits);
  };
  CHECK(get("/" + std::string(19, 'a'), "") == "GET /" + std::string(19, 'a') + " []\n");
  CHECK(get("/" + std::string(20, 'a'), "") == "414");
  CHECK(get("/" + std::string(600, 'a'), "") == "414");
  CHECK(outcome_of({"GET /" + std::string(600, 'a')}, limits) == "414");
  CHECK(get("/", "A: 1\r\nB: 1\r\nC: 1\r\n") == "GET / []\n");
  CHECK(get("/", "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n") == "431");
  CHECK(get("/", "A: " + std::string(400, 'x') + "\r\n") == "GET / []\n");
  CHECK(get("/", "A: " + std::string(600, 'x') + "\r\n") == "431");
  CHECK(get("/", "A: " + std::string(240, 'x') + "\r\nB: " + std::string(240, 'x') + "\r\n") == "431");
  CHECK(outcome_of({"GET / HTTP/1.1\r\nA: " + std::string(600, 'x')}, limits) == "431");
  const std::string post = "POST / HTTP/1.1\r\n" + host;
  CHECK(outcome_of({post + "Content-Length: 10\r\n\r\n0123456789"}, limits) == "POST / [0123456789]\n");
  CHECK(outcome_of({post + "Content-Length: 11\r\n\r\n"}, limits) == "413");
  CHECK(outcome_of({post + "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"}, limits) == "POST / [0123456789]\n");
  CHECK(outcome_of({post + "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n"}, limits) == "413");
  CHECK(outcome_of({post + "Transfer-Encoding: chunked\r\n\r\nb\r\n01"}, limits) == "413");
  CHECK(outcome_of({post + "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(10'000, 'x')}, limits) == "400");
  CHECK(outcome_of({post + "Transfer-Encoding: chunked\r\n\r\n0\r\nT: " + std::string(10'000, 'x')}, limits) == "400");
}

TEST_CASE("a body that comes in one packet with its header does not count as header", "[http][parser]") {
  const std::string body(3'000, 'b');
  const auto request = "POST / HTTP/1.1\r\n" + host + "Content-Length: 3000\r\n\r\n" + body;
  CHECK(outcome_of({request + request}, {.header_bytes = 512}) == "POST / [" + body + "]\nPOST / [" + body + "]\n");
  CHECK(outcome_of({request.substr(0, 20), request.substr(20)}, {.header_bytes = 512}) == "POST / [" + body + "]\n");
}

TEST_CASE("one field at a time does not get around the header limit", "[http][parser]") {
  const http_limits limits{.header_bytes = 512, .header_count = 1'000};
  std::vector<std::string> packets{"GET / HTTP/1.1\r\n" + host};
  for (int i = 0; i < 100; ++i) packets.push_back("A: 12345\r\n");
  CHECK(outcome_of(packets, limits) == "431");
}

TEST_CASE("a client that waits for 100 is noticed, one that does not wait is not told", "[http][parser]") {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
  request_parser waiting{{}};
  push(waiting, head);
  CHECK(waiting.state() == parse_state::body);
  CHECK(waiting.awaits_continue());
  request_parser eager{{}};
  push(eager, head + "h");
  CHECK_FALSE(eager.awaits_continue());
}

TEST_CASE("mutated requests never crash, and how they are cut changes nothing that gets through", "[http][parser]") {
  std::mt19937 random{7};
  const std::vector<std::string> seeds{
      "GET /a?b=c HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
      "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n"};
  const std::string spice = "\r\n\0 :;,=\"\t/%0aAf\x7f\xff"s;
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto text = seeds[random() % seeds.size()];
    for (auto changes = random() % 4 + 1; changes > 0; --changes) {
      const auto at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = spice[random() % spice.size()];
          break;
        case 1:
          text.insert(at, 1, spice[random() % spice.size()]);
          break;
        default:
          text.erase(at, 1);
      }
    }
    const auto cut = random() % text.size();
    const auto whole = outcome_of({text});
    REQUIRE(accepted(outcome_of({text.substr(0, cut), text.substr(cut)})) == accepted(whole));
    if (accepted(whole).empty()) ++refused;
  }
  CHECK(refused > 5'000);
}

TEST_CASE("a response is read by its length, by its chunks or to the end of the stream", "[http][parser]") {
  response_parser parser{{}};
  push(parser, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  REQUIRE(parser.state() == parse_state::done);
  CHECK(parser.keep_alive());
  CHECK_FALSE(parser.leftover());
  CHECK(parser.take().body == "ok");

  parser.expect(false);
  push(parser, "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\nx");
  REQUIRE(parser.state() == parse_state::done);
  CHECK(parser.leftover());
  CHECK(parser.take().status == 404);

  response_parser to_end{{}};
  push(to_end, "HTTP/1.0 200 OK\r\n\r\nall of it");
  CHECK(to_end.state() == parse_state::body);
  to_end.finish();
  REQUIRE(to_end.state() == parse_state::done);
  CHECK_FALSE(to_end.keep_alive());
  CHECK(to_end.take().body == "all of it");
}

TEST_CASE("the answer to HEAD has no body, and interim answers are skipped", "[http][parser]") {
  response_parser parser{{}};
  parser.expect(true);
  push(parser, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
  REQUIRE(parser.state() == parse_state::done);
  const auto r = parser.take();
  CHECK(r.status == 200);
  CHECK(r.headers.get("content-length") == "100");
  CHECK(r.headers.find("link") == nullptr);
}

TEST_CASE("a response that is cut, doubtful or endless is a fault", "[http][parser]") {
  const auto fault = [](std::string_view bytes, bool finish) {
    response_parser parser{{.body_bytes = 10}};
    push(parser, bytes);
    if (finish) parser.finish();
    return parser.state() == parse_state::failed;
  };
  CHECK(fault("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", true));
  CHECK(fault("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false));
  CHECK(fault("HTTP/1.1 200 OK\r\n\r\n0123456789a", false));
  CHECK(fault("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", false));
  CHECK(fault("SSH-2.0-OpenSSH\r\n", false));
  CHECK(fault("HTTP/1.1 999 Odd\r\n\r\n", false));
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  CHECK(fault(interim, false));
}
