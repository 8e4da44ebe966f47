// What many clients together may take from a server: connections, file descriptors, memory, the turn of others.
#include <tests/framework/http/a_server.hpp>

#include <sys/resource.h>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

// The soft limit of open files, lowered for a while.
class file_limit {
 public:
  explicit file_limit(std::size_t n) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit lower = before_;
    lower.rlim_cur = n;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
  }
  ~file_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

// Under this limit exactly `n` more files can be opened: the kernel gives the lowest numbers that are free.
std::size_t limit_for(std::size_t n) {
  std::vector<int> taken;
  for (std::size_t i = 0; i <= n; ++i) taken.push_back(::dup(0));
  const auto next = taken.back();
  for (const int fd : taken) ::close(fd);
  REQUIRE(next > 0);
  return static_cast<std::size_t>(next);
}

void connect_to(raw::socket& s, std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(s.fd(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
}

std::vector<raw::socket> unconnected(std::size_t n) {
  std::vector<raw::socket> all;
  for (std::size_t i = 0; i < n; ++i) all.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
  return all;
}

std::string post(std::size_t announced, const std::string& body) {
  return "POST /now HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n" + body;
}

constexpr std::size_t kib = 1024;

}  // namespace

TEST_CASE("how many connections there may be follows from the limit of open files", "[http][overload]") {
  gate g;
  const auto with_limit = [&](std::size_t n) {
    const file_limit lowered{n};
    return serve({}, g.handler())->counters().max_connections;
  };
  CHECK(with_limit(1'024) == 768);
  CHECK(with_limit(300) == 150);
  CHECK(serve({.max_connections = 7}, g.handler())->counters().max_connections == 7);
}

TEST_CASE("a process without file descriptors answers 503 on each connection instead of leaving it in the queue", "[http][overload]") {
  if (over_tls()) return;  // sockets that connect later have no TLS
  gate g;
  auto clients = unconnected(30);
  const auto server = serve({.max_connections = 1'000}, g.handler());
  const file_limit lowered{limit_for(10)};
  std::size_t served = 0, refused = 0;
  for (auto& c : clients) {
    connect_to(c, server->port());
    c.send(now_request);
    // It stays open: the descriptor is not free for the next.
    const auto answer = c.read_response();
    served += status_of(answer) == "HTTP/1.1 200 OK";
    refused += status_of(answer) == "HTTP/1.1 503 Service Unavailable";
  }
  CHECK(served == 10);
  CHECK(served + refused == clients.size());
  CHECK(soon([&] { return server->counters().connections_without_descriptor == refused; }));
  // One that closes makes room for another.
  clients.erase(clients.begin(), clients.begin() + 5);
  REQUIRE(soon([&] { return server->counters().connections_open <= 5; }));
  auto again = raw::socket::connect(server->port());
  again.send(now_request);
  CHECK(again.read_response().ends_with("now"));
}

TEST_CASE("descriptors held in reserve let a few connections through when the rest of the process has none left", "[http][overload]") {
  if (over_tls()) return;  // sockets that connect later have no TLS
  gate g;
  auto clients = unconnected(6);
  const auto server = serve({.reserved_descriptors = 5}, g.handler());
  const file_limit lowered{limit_for(0)};
  std::string statuses;
  for (auto& c : clients) {
    connect_to(c, server->port());
    c.send(now_request);
    statuses += c.read_response().substr(9, 3) + " ";
  }
  CHECK(statuses == "200 200 200 200 503 503 ");
}

TEST_CASE("what keeps a server from serving is told at once, then with a count every five seconds", "[http][overload]") {
  gate g;
  hand_clock clock;
  std::mutex lock;
  std::vector<std::string> told;
  const auto lines = [&] {
    const std::lock_guard held{lock};
    return told.size();
  };
  const auto server = serve({.max_connections = 1,
                             .report =
                                 [&](std::string_view what, std::uint64_t times) {
                                   const std::lock_guard held{lock};
                                   told.push_back(std::string{what} + ": " + std::to_string(times));
                                 },
                             .clock = &clock},
                            g.handler());
  auto only = raw::socket::connect(server->port());
  only.send(now_request);
  only.read_response();
  const auto be_refused = [&] { CHECK(status_of(raw::socket::connect(server->port()).read_all()) == without_room()); };
  be_refused();
  REQUIRE(soon([&] { return lines() == 1; }));
  for (int i = 0; i < 20; ++i) be_refused();
  clock.advance(6s);
  REQUIRE(soon([&] { return lines() == 2; }));
  CHECK(told == std::vector<std::string>{"connections were refused: as many as may be are open: 1",
                                         "connections were refused: as many as may be are open: 20"});
}

TEST_CASE("a body for which there is no room is refused before it is read, small ones are not", "[http][overload]") {
  gate g;
  const auto server = serve({.max_buffered_bytes = 1'024 * kib}, g.handler());
  auto large = raw::socket::connect(server->port());
  large.send(post(400 * kib, std::string(400 * kib - 1, 'x')));
  REQUIRE(soon([&] { return server->counters().bytes_buffered == 400 * kib; }));
  auto another = raw::socket::connect(server->port());
  another.send(post(200 * kib, ""));
  const auto refused = another.read_all();
  CHECK(status_of(refused) == "HTTP/1.1 503 Service Unavailable");
  CHECK(says(refused, "Retry-After: 1\r\n"));
  CHECK(says(refused, R"("outcome":"not_applied")"));
  auto small = raw::socket::connect(server->port());
  small.send(post(100, std::string(100, 'x')));
  CHECK(small.read_response().ends_with("now"));
  large.send("x");
  CHECK(large.read_response().ends_with("now"));
  another = raw::socket::connect(server->port());
  another.send(post(200 * kib, std::string(200 * kib, 'x')));
  CHECK(another.read_response().ends_with("now"));
  CHECK(server->counters().bodies_refused == 1);
  CHECK(soon([&] { return server->counters().bytes_buffered == 0; }));
}

TEST_CASE("a body that tells no length is refused when it has grown out of the room there is", "[http][overload]") {
  gate g;
  hand_clock clock;
  const auto server = serve({.max_buffered_bytes = 256 * kib, .clock = &clock}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send("POST /now HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) c.send("4000\r\n" + std::string(0x4000, 'x') + "\r\n");
  CHECK(status_of(c.read_all()) == "HTTP/1.1 503 Service Unavailable");
  CHECK(soon([&] {
    clock.advance(2s);  // the answer may be read before the server begins to wait for the end
    return server->counters().connections_open == 0;
  }));
  CHECK(soon([&] { return server->counters().bytes_buffered == 0; }));
}

TEST_CASE("an answer without room is replaced by 503, and a client that takes nothing is cut to make room", "[http][overload]") {
  if (over_tls()) return;  // its records go out one by one, so it still makes progress when the clock is set
  const std::string page(12'000 * kib, 'p');
  hand_clock clock;
  const auto server = serve({.max_buffered_bytes = 16'000 * kib, .clock = &clock}, [&](http_request r, completion<http_response> done) {
    done(http_response::text(r.target == "/page" ? page : "small"));
  });
  const std::string ask = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
  auto idle = raw::socket::connect(server->port(), 4096);
  idle.send(ask);
  REQUIRE(soon([&] { return server->counters().bytes_buffered >= page.size(); }));
  auto c = raw::socket::connect(server->port());
  c.send(ask);
  const auto refused = c.read_response();
  CHECK(status_of(refused) == "HTTP/1.1 503 Service Unavailable");
  CHECK(says(refused, "Retry-After: 1\r\n"));
  CHECK(says(refused, R"("outcome":"unknown")"));
  c.send(now_request);
  CHECK(c.read_response().ends_with("small"));
  CHECK(server->counters().answers_refused == 1);
  CHECK(server->counters().write_timeouts == 0);
  clock.advance(3s);
  REQUIRE(soon([&] { return server->counters().write_timeouts == 1; }));
  c.send(ask);
  CHECK(c.read_response().size() > page.size());
}

TEST_CASE("requests that need no slot are answered when all slots are taken", "[http][overload]") {
  gate g;
  const auto server = serve({.max_in_flight = 1, .without_slot = [](const http_request& r) { return r.target == "/now"; }}, g.handler());
  auto busy = raw::socket::connect(server->port());
  busy.send(slow_request);
  g.wait_for(1);
  auto c = raw::socket::connect(server->port());
  c.send(slow_request);
  CHECK(status_of(c.read_response()) == "HTTP/1.1 503 Service Unavailable");
  c.send(now_request);
  CHECK(c.read_response().ends_with("now"));
  CHECK(server->counters().requests_in_flight == 1);
  g.open();
  CHECK(busy.read_response().ends_with("opened"));
  CHECK(soon([&] { return server->counters().requests_in_flight == 0; }));
}

TEST_CASE("one connection's pipelined requests leave the others their turn", "[http][overload]") {
  if (over_tls()) return;  // a handshake needs the thread that handles
  std::unique_ptr<raw::socket> other;
  int handled = 0, before_the_other = -1;
  const auto server = serve({}, [&](http_request r, completion<http_response> done) {
    if (r.target == "/other") before_the_other = handled;
    // By now the other's request is in the kernel.
    if (++handled == 10) other->send("GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n");
    done(http_response::text("x"));
  });
  other = std::make_unique<raw::socket>(raw::socket::connect(server->port()));
  auto many = raw::socket::connect(server->port());
  REQUIRE(soon([&] { return server->counters().connections_open == 2; }));
  std::string all;
  for (int i = 0; i < 200; ++i) all += now_request;
  many.send(all);
  CHECK(other->read_response().ends_with("x"));
  for (int i = 0; i < 200; ++i) REQUIRE(many.read_response().ends_with("x"));
  CHECK(before_the_other >= 10);
  CHECK(before_the_other < 20);
}
