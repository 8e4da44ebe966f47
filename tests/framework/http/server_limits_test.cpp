#include <banyan/http/server.hpp>

#include <tests/framework/http/raw_peer.hpp>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

// Keeps completions until told to answer.
class gate {
 public:
  http_handler handler() {
    return [this](http_request r, completion<http_response> done) {
      if (r.target == "/now") return done(http_response::text("now"));
      const std::lock_guard lock{mutex_};
      held_.push_back(std::move(done));
      changed_.notify_all();
    };
  }
  void wait_for(std::size_t n) {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, raw::patience, [&] { return held_.size() >= n; }));
  }
  void answer(std::size_t i, const std::string& text) {
    const std::lock_guard lock{mutex_};
    held_[i](http_response::text(text));
  }
  void open() {
    const std::lock_guard lock{mutex_};
    for (auto& done : held_) done(http_response::text("opened"));
    held_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<completion<http_response>> held_;
};

std::unique_ptr<http_server> serve(http_server_options options, http_handler handler) {
  auto started = http_server::start(std::move(options), std::move(handler));
  REQUIRE(started);
  return std::move(*started);
}

// Until a counter shows what must happen; the server counts just after, or before, the client sees.
template <class F>
bool soon(F condition) {
  const auto end = std::chrono::steady_clock::now() + raw::patience;
  while (!condition())
    if (std::chrono::steady_clock::now() > end) return false;
  return true;
}

std::future<result<void>> drain(http_server& server, nanoseconds time) {
  auto told = std::make_shared<std::promise<result<void>>>();
  auto answer = told->get_future();
  server.drain(system_clock().steady() + time, [told](result<void> r) { told->set_value(std::move(r)); });
  return answer;
}

std::string status_of(const std::string& response) { return response.substr(0, response.find('\r')); }

const std::string get = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string now = "GET /now HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("a header that trickles in is cut off with 408, however steadily bytes come", "[http][server]") {
  gate g;
  const auto server = serve({.limits = {.header_bytes = 1024 * 1024}, .header_timeout = 60ms}, g.handler());
  auto c = raw::socket::connect(server->port());
  const auto start = std::chrono::steady_clock::now();
  c.send("GET / HTTP/1.1\r\nHost: h\r\nX: ");
  // Each byte is sent when the one before has arrived.
  std::uint64_t sent = 28;
  while (server->counters().read_timeouts == 0) {
    if (std::chrono::steady_clock::now() - start > raw::patience) FAIL("the header was not cut off");
    if (server->counters().bytes_in < sent) continue;
    if (!c.send("a")) break;
    ++sent;
  }
  CHECK(status_of(c.read_all()) == "HTTP/1.1 408 Request Timeout");
  CHECK(std::chrono::steady_clock::now() - start >= 60ms);
  CHECK(sent > 30);
  CHECK(server->counters().read_timeouts == 1);
}

TEST_CASE("a body that does not come is cut off with 408", "[http][server]") {
  gate g;
  const auto server = serve({.body_timeout = 50ms}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(status_of(c.read_all()) == "HTTP/1.1 408 Request Timeout");
}

TEST_CASE("an idle connection is closed without a word", "[http][server]") {
  gate g;
  const auto server = serve({.idle_timeout = 50ms}, g.handler());
  auto fresh = raw::socket::connect(server->port());
  CHECK(fresh.read_all().empty());
  auto used = raw::socket::connect(server->port());
  used.send(now);
  CHECK(used.read_response().ends_with("now"));
  CHECK(used.read_all().empty());
  CHECK(server->counters().idle_closed == 2);
}

TEST_CASE("a handler that is silent is answered for with 504, and its late answer is dropped", "[http][server]") {
  gate g;
  const auto server = serve({.handler_timeout = 50ms}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send(get);
  const auto r = c.read_response();
  CHECK(status_of(r) == "HTTP/1.1 504 Gateway Timeout");
  CHECK(r.find("\"outcome\":\"unknown\"") != std::string::npos);
  CHECK(server->counters().requests_in_flight == 1);  // the handler is still at it
  g.open();
  c.send(now);
  CHECK(c.read_response().ends_with("now"));
  CHECK(soon([&] { return server->counters().late_answers == 1; }));
  CHECK(server->counters().requests_in_flight == 0);
}

TEST_CASE("a late answer is never taken for that of the next request", "[http][server]") {
  gate g;
  const auto server = serve({.handler_timeout = 400ms}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send(get);
  CHECK(status_of(c.read_response()) == "HTTP/1.1 504 Gateway Timeout");
  c.send(get);
  g.wait_for(2);
  g.answer(0, "for the first");
  g.answer(1, "for the second");
  CHECK(c.read_response().ends_with("for the second"));
}

TEST_CASE("a client that does not read its answer is cut off", "[http][server]") {
  const auto server = serve({.write_timeout = 60ms},
                            [](http_request, completion<http_response> done) { done(http_response::text(std::string(32'000'000, 'x'))); });
  auto c = raw::socket::connect(server->port(), 4096);
  c.send(get);
  CHECK(soon([&] { return server->counters().write_timeouts == 1; }));
  CHECK(soon([&] { return server->counters().connections_open == 0; }));
}

TEST_CASE("a client that never closes does not hold a closed connection", "[http][server]") {
  gate g;
  const auto server = serve({.linger_timeout = 50ms}, g.handler());
  auto c = raw::socket::connect(server->port());
  c.send("nonsense\r\n\r\n");
  CHECK(c.read_all().find("400") != std::string::npos);
  CHECK(soon([&] { return server->counters().connections_open == 0; }));
}

TEST_CASE("connections beyond the limit are told so and closed", "[http][server]") {
  gate g;
  const auto server = serve({.max_connections = 3}, g.handler());
  std::vector<raw::socket> good;
  for (int i = 0; i < 3; ++i) {
    good.push_back(raw::socket::connect(server->port()));
    good.back().send(now);
    CHECK(good.back().read_response().ends_with("now"));
  }
  for (int i = 0; i < 5; ++i) {
    auto extra = raw::socket::connect(server->port());
    extra.send(now);
    const auto all = extra.read_all();
    CHECK(status_of(all) == "HTTP/1.1 503 Service Unavailable");
    CHECK(all.find("Retry-After: 1") != std::string::npos);
  }
  good.front().send(now);
  CHECK(good.front().read_response().ends_with("now"));
  CHECK(server->counters().connections_refused == 5);
  good.clear();
  REQUIRE(soon([&] { return server->counters().connections_open == 0; }));
  auto again = raw::socket::connect(server->port());
  again.send(now);
  CHECK(again.read_response().ends_with("now"));
}

TEST_CASE("a flood of silent connections does not stop those that are there", "[http][server]") {
  gate g;
  const auto server = serve({.max_connections = 4}, g.handler());
  auto first = raw::socket::connect(server->port());
  first.send(now);
  CHECK(first.read_response().ends_with("now"));
  std::vector<raw::socket> flood;
  for (int i = 0; i < 200; ++i) flood.push_back(raw::socket::connect(server->port()));
  CHECK(soon([&] { return server->counters().connections == 201; }));
  CHECK(server->counters().connections_open <= 4 + 64);
  first.send(now);
  CHECK(first.read_response().ends_with("now"));
}

TEST_CASE("requests beyond those admitted are refused with Retry-After, and the connection goes on", "[http][server]") {
  gate g;
  const auto server = serve({.max_in_flight = 2}, g.handler());
  std::vector<raw::socket> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(raw::socket::connect(server->port()));
    busy.back().send(get);
  }
  g.wait_for(2);
  auto c = raw::socket::connect(server->port());
  c.send(get);
  const auto refused = c.read_response();
  CHECK(status_of(refused) == "HTTP/1.1 503 Service Unavailable");
  CHECK(refused.find("Retry-After: ") != std::string::npos);
  CHECK(refused.find("\"outcome\":\"not_applied\"") != std::string::npos);
  g.open();
  for (auto& b : busy) CHECK(b.read_response().ends_with("opened"));
  c.send(now);
  CHECK(c.read_response().ends_with("now"));
  CHECK(server->counters().requests_refused == 1);
}

TEST_CASE("a client that resets in the middle of anything harms nobody", "[http][server]") {
  gate g;
  const auto server = serve({}, g.handler());
  for (const auto& sent :
       std::vector<std::string>{"", "GET /", get, get + get, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"}) {
    auto c = raw::socket::connect(server->port());
    c.send(sent);
    c.reset();
  }
  g.wait_for(2);
  g.open();
  auto c = raw::socket::connect(server->port());
  c.send(now);
  CHECK(c.read_response().ends_with("now"));
}

TEST_CASE("a drain lets requests under way finish, closes idle connections and accepts no more", "[http][server]") {
  gate g;
  auto server = serve({.linger_timeout = 50ms}, g.handler());
  auto busy = raw::socket::connect(server->port());
  busy.send(get);
  auto idle = raw::socket::connect(server->port());
  idle.send(now);
  idle.read_response();
  g.wait_for(1);
  auto drained = drain(*server, 5s);
  CHECK(idle.read_all().empty());
  CHECK(server->counters().draining);
  CHECK_THROWS(raw::socket::connect(server->port()));
  CHECK(drained.wait_for(0s) == std::future_status::timeout);
  g.open();
  const auto last = busy.read_all();
  CHECK(last.find("Connection: close") != std::string::npos);
  CHECK(last.ends_with("opened"));
  REQUIRE(drained.wait_for(raw::patience) == std::future_status::ready);
  CHECK(drained.get());
  CHECK(server->counters().connections_open == 0);
}

TEST_CASE("a drain cuts what is not finished at its deadline", "[http][server]") {
  gate g;
  auto server = serve({}, g.handler());
  auto busy = raw::socket::connect(server->port());
  busy.send(get);
  g.wait_for(1);
  auto drained = drain(*server, 50ms);
  const auto second = drain(*server, 50ms).get();
  REQUIRE_FALSE(second);
  CHECK(second.error().code == code::conflict);
  const auto r = drained.get();
  REQUIRE_FALSE(r);
  CHECK(r.error().code == code::deadline_exceeded);
  CHECK(busy.read_all().empty());
  g.open();
}

TEST_CASE("a drain of a server at rest is over at once, and one that is destroyed answers", "[http][server]") {
  gate g;
  auto server = serve({}, g.handler());
  CHECK(drain(*server, 5s).get());
  auto other = serve({}, g.handler());
  auto busy = raw::socket::connect(other->port());
  busy.send(get);
  g.wait_for(1);
  auto drained = drain(*other, 5s);
  other.reset();
  CHECK(drained.get().error().code == code::unavailable);
}
