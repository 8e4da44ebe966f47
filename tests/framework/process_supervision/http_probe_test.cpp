// A readiness URL is asked over real sockets; a test server on the same thread answers as told.
#include <banyan/process_supervision/http_probe.hpp>

#include <catch2/catch.hpp>

#include <deque>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

// Each connection gets the next answer, in pieces, and stays open behind the last; the last answer is given for ever.
class test_server {
 public:
  explicit test_server(std::deque<std::vector<std::string>> answers) : answers_{std::move(answers)} {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(listener_.get(), 10) == 0);
    socklen_t size = sizeof at;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/readyz"; }

  void watch(poll_set& turn) {
    turn.on(listener_.get(), POLLIN, [this] {
      connections_.push_back({descriptor{::accept(listener_.get(), nullptr, nullptr)}, answers_.front(), 0});
      if (answers_.size() > 1) answers_.pop_front();
    });
    for (auto& c : connections_)
      if (c.sent < c.answer.size())
        turn.on(c.socket.get(), POLLOUT, [&c] {
          const auto& piece = c.answer[c.sent++];
          (void)!::send(c.socket.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
        });
  }
  std::size_t asked() const { return connections_.size(); }

 private:
  struct connection {
    descriptor socket;
    std::vector<std::string> answer;
    std::size_t sent;
  };
  descriptor listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::deque<std::vector<std::string>> answers_;
  std::deque<connection> connections_;
  int port_ = 0;
};

// Until it succeeded or has asked so many times. Time is virtual: it passes when nothing can be done.
bool becomes_ready(http_probe& probe, test_server& server, std::size_t attempts = 3) {
  monotonic now{};
  while (!probe.succeeded() && server.asked() <= attempts) {
    poll_set turn;
    server.watch(turn);
    probe.watch(turn, now);
    turn.at_latest(system_clock().steady() + 1ms);
    turn.wait(system_clock());
    now += 10ms;
  }
  return probe.succeeded();
}

struct outcome {
  bool ready;
  std::string last;
};
outcome asked(std::deque<std::vector<std::string>> answers, timespan timeout = 1s) {
  test_server server{std::move(answers)};
  http_probe probe{server.url(), timeout};
  const bool ready = becomes_ready(probe, server);
  return {ready, probe.last()};
}

}  // namespace

TEST_CASE("the header of a 2xx is enough, however large its body, and whether it ends or not", "[http_probe]") {
  CHECK(asked({{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}}).ready);
  CHECK(asked({{"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", "some"}}).ready);
  CHECK(asked({{"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x')}}).ready);
  CHECK(asked({{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole"}}).ready);
  CHECK(asked({{"HTTP/1.1 200 OK\r\n\r\nuntil the connection ends"}}).ready);
  CHECK(asked({{"HTTP/1.0 204 No Content\r\n\r\n"}}).ready);
  CHECK(asked({{"HTTP/1.1 299 Odd\r\nContent-Length: 7\r\n\r\n"}}).ready);
  CHECK(asked({{"HTTP/1.1 2", "00 OK\r\nX: ", "y\r", "\n\r\n"}}).ready);
  CHECK(asked({{"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"}}).ready);
}

TEST_CASE("anything else is not, and the last answer is known", "[http_probe]") {
  for (const auto& [answer, last] : std::vector<std::pair<std::string, std::string>>{
           {"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "the last answer was 503"},
           {"HTTP/1.1 301 There\r\nLocation: https://127.0.0.1/\r\n\r\n", "the last answer was 301"},
           {"HTTP/1.1 101 Switching\r\n\r\n", "the last answer was 101"},
           {"HTTP/1.1 200 OK", "the last attempt took longer than 1s"},
           {"HTTP/1.1 103 Early Hints\r\n\r\n", "the last attempt took longer than 1s"},
           {"SSH-2.0-OpenSSH_9.2\r\n", "the last answer was no HTTP/1.1"},
           {"\x15\x03\x03\x01\x02\x02\x16", "the last attempt took longer than 1s"},  // TLS
           {"HTTP/1.1 200 OK\r\n" + std::string(20'000, 'x'), "the last answer was no HTTP/1.1"},
       }) {
    const auto found = asked({{answer}});
    INFO(answer.substr(0, 40));
    CHECK_FALSE(found.ready);
    CHECK(found.last == last);
  }
}

TEST_CASE("an attempt that takes too long is given up, and the next one may succeed", "[http_probe]") {
  CHECK(asked({{}, {"HTTP/1.1 200 OK\r\n\r\n"}}, 200ms).ready);
  CHECK(asked({{"HTTP/1.1 503 No\r\n\r\n"}, {"HTTP/1.1 200 OK\r\n\r\n"}}).ready);
  std::vector<std::string> slow;
  for (const char c : std::string{"HTTP/1.1 200 OK\r\nX: a header that comes byte by byte\r\n\r\n"}) slow.push_back({c});
  CHECK(asked({slow}, 10s).ready);
  const auto late = asked({slow}, 100ms);  // some ten of its bytes
  CHECK_FALSE(late.ready);
  CHECK(late.last == "the last attempt took longer than 100ms");
}

TEST_CASE("nobody is there", "[http_probe]") {
  std::string url;
  {
    const test_server gone{{{}}};
    url = gone.url();
  }
  http_probe probe{url, 1s};
  poll_set turn;
  probe.watch(turn, monotonic{});
  turn.at_latest(system_clock().steady() + 1s);
  turn.wait(system_clock());
  CHECK_FALSE(probe.succeeded());
  CHECK(probe.last() == "nobody answered");
}
