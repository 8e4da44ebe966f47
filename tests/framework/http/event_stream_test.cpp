// Streams of events: the channel alone, and on the wire.
#include <tests/framework/http/a_server.hpp>

#include <banyan/http/event_stream.hpp>

#include <random>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<event_channel> a_channel(event_channel::bounds b = {}) { return std::make_shared<event_channel>(b); }

http_handler streaming(std::shared_ptr<event_channel> channel) {
  return [channel](http_request r, completion<http_response> done) {
    done(r.target == "/now" ? http_response::text("now") : http_response::events(channel->reader()));
  };
}

const std::string live_request = "GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("an event is written with a field for each line of its data, and none of its bytes begin another event",
          "[http][events]") {
  CHECK(event_text("stock", "{}") == "event: stock\ndata: {}\n\n");
  CHECK(event_text("a", "one\ntwo\r\nthree\rfour") == "event: a\ndata: one\ndata: two\ndata: three\ndata: four\n\n");
  CHECK(event_text("a", "") == "event: a\ndata: \n\n");
  CHECK(event_text("a", "x\n") == "event: a\ndata: x\ndata: \n\n");
  CHECK(event_text("a\nevent: b", "") == "event: a event: b\ndata: \n\n");
}

TEST_CASE("a reader takes the newest event of each key, in the order of their changes, and each once",
          "[http][events]") {
  auto channel = a_channel();
  channel->publish("a", "a", "1");
  channel->publish("b", "b", "1");
  auto reader = channel->reader();
  CHECK(reader->take({}) == "event: a\ndata: 1\n\nevent: b\ndata: 1\n\n");
  CHECK(reader->take({}).empty());
  channel->publish("a", "a", "2");
  channel->publish("a", "a", "3");
  channel->publish("b", "b", "1");  // as before
  CHECK(reader->take({}) == "event: a\ndata: 3\n\n");
  CHECK(channel->reader()->take({}) == "event: b\ndata: 1\n\nevent: a\ndata: 3\n\n");
  channel->forget("b");
  CHECK(channel->reader()->take({}) == "event: a\ndata: 3\n\n");
}

TEST_CASE("a reader without events is woken once by the next, and by the end", "[http][events]") {
  auto channel = a_channel();
  auto reader = channel->reader();
  int woken = 0;
  const auto wake = [&] { ++woken; };
  CHECK(reader->take(wake).empty());
  channel->publish("a", "a", "1");
  channel->publish("a", "a", "2");
  CHECK(woken == 1);
  CHECK(reader->take(wake) == "event: a\ndata: 2\n\n");
  channel->publish("a", "a", "3");
  CHECK(woken == 1);  // it has not asked again since it took something
  channel->end();
  CHECK_FALSE(reader->ended());  // the third is not taken yet
  CHECK(reader->take(wake) == "event: a\ndata: 3\n\n");
  CHECK(reader->ended());
  CHECK_FALSE(channel->publish("a", "a", "4"));
}

TEST_CASE("a channel holds so many keys and bytes, and counts its readers", "[http][events]") {
  auto channel = a_channel({.keys = 2, .bytes = 100});
  CHECK(channel->publish("a", "a", "1"));
  CHECK(channel->publish("b", "b", std::string(50, 'x')));
  CHECK_FALSE(channel->publish("c", "c", ""));
  CHECK_FALSE(channel->publish("a", "a", std::string(50, 'x')));
  CHECK(channel->publish("b", "b", ""));
  CHECK(channel->publish("a", "a", std::string(50, 'x')));
  CHECK(channel->readers() == 0);
  {
    auto one = channel->reader(), other = channel->reader();
    CHECK(channel->readers() == 2);
  }
  CHECK(channel->readers() == 0);
}

TEST_CASE(
    "whatever is published and taken when, a reader ends with the newest of each key and never sees an older one after "
    "it",
    "[http][events]") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    auto channel = a_channel();
    auto reader = channel->reader();
    std::map<std::string, int> newest, seen;
    const auto take = [&] {
      const auto text = reader->take({});
      for (std::size_t at = text.find("event: "); at != text.npos; at = text.find("event: ", at + 1)) {
        const auto key = text.substr(at + 7, 1);
        const auto value = std::stoi(text.substr(text.find("data: ", at) + 6));
        REQUIRE(value > seen[key]);
        seen[key] = value;
      }
    };
    for (int i = 1; i <= 100; ++i) {
      if (random() % 4 == 0) {
        take();
        continue;
      }
      const std::string key(1, static_cast<char>('a' + random() % 5));
      channel->publish(key, key, std::to_string(i));
      newest[key] = i;
    }
    take();
    REQUIRE(seen == newest);
  }
}

TEST_CASE("a stream begins with what there is, goes on with what changes, and ends with the channel",
          "[http][events]") {
  auto channel = a_channel();
  channel->publish("a", "a", "1");
  auto server = serve({}, streaming(channel));
  auto client = raw::socket::connect(server->port());
  client.send(live_request);
  const auto head = client.read_through("\r\n\r\n");
  CHECK(says(head, "HTTP/1.1 200 OK"));
  CHECK(says(head, "Content-Type: text/event-stream\r\n"));
  CHECK(says(head, "Cache-Control: no-store\r\n"));
  CHECK(says(head, "Connection: close\r\n"));
  CHECK_FALSE(says(head, "Content-Length"));
  CHECK(client.read_through("\n\n") == "event: a\ndata: 1\n\n");
  CHECK(server->counters().event_streams == 1);
  CHECK(server->counters().requests_in_flight == 0);
  for (int i = 2; i < 200; ++i) {
    const auto text = std::to_string(i);
    std::thread other{[&] { channel->publish("a", "a", text); }};
    CHECK(client.read_through("\n\n") == "event: a\ndata: " + text + "\n\n");
    other.join();
  }
  channel->end();
  CHECK(client.read_all().empty());
  CHECK(soon([&] { return server->counters().event_streams == 0; }));
  CHECK(channel->readers() == 0);
}

TEST_CASE("HEAD of a stream is its header alone", "[http][events]") {
  auto channel = a_channel();
  channel->publish("a", "a", "1");
  auto server = serve({}, streaming(channel));
  auto client = raw::socket::connect(server->port());
  client.send("HEAD /live HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto head = client.read_through("\r\n\r\n");
  CHECK(says(head, "text/event-stream"));
  CHECK_FALSE(says(head, "Content-Length"));
  client.send(now_request);
  CHECK(client.read_response().ends_with("now"));
  CHECK(channel->readers() == 0);
}

TEST_CASE("more streams than may be open are refused, and a closed one makes room", "[http][events]") {
  auto channel = a_channel();
  auto server = serve({.max_event_streams = 2}, streaming(channel));
  std::vector<raw::socket> open;
  for (int i = 0; i < 2; ++i) {
    open.push_back(raw::socket::connect(server->port()));
    open.back().send(live_request);
    CHECK(says(open.back().read_through("\r\n\r\n"), "200 OK"));
  }
  auto third = raw::socket::connect(server->port());
  third.send(live_request);
  const auto refused = third.read_response();
  CHECK(says(refused, "503 Service Unavailable"));
  CHECK(says(refused, "Retry-After: 5"));
  CHECK(server->counters().event_streams_refused == 1);
  third.send(now_request);  // the connection is as good as before
  CHECK(third.read_response().ends_with("now"));
  open.pop_back();
  CHECK(soon([&] { return channel->readers() == 1; }));
  third.send(live_request);
  CHECK(says(third.read_through("\r\n\r\n"), "200 OK"));
}

TEST_CASE("a silent stream is kept alive by comments", "[http][events]") {
  hand_clock clock;
  auto channel = a_channel();
  auto server = serve({.event_heartbeat = 15s, .clock = &clock}, streaming(channel));
  auto client = raw::socket::connect(server->port());
  client.send(live_request);
  client.read_through("\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    const auto ticks = clock.asked();
    REQUIRE(soon([&] { return clock.asked() >= ticks + 2; }));
    clock.advance(16s);
    CHECK(client.read_through("\n\n") == ":\n\n");
  }
  channel->publish("a", "a", "1");
  CHECK(client.read_through("\n\n") == "event: a\ndata: 1\n\n");
}

TEST_CASE("a client that does not read holds one batch of events, gets the newest when it reads again, or is cut",
          "[http][events]") {
  hand_clock clock;
  auto channel = a_channel();
  auto server = serve({.write_timeout = 30s, .clock = &clock}, streaming(channel));
  auto slow = raw::socket::connect(server->port(), 4096);
  auto quick = raw::socket::connect(server->port());
  slow.send(live_request);
  quick.send(live_request);
  slow.read_through("\r\n\r\n");
  quick.read_through("\r\n\r\n");
  const std::string big(1024 * 1024, 'x');
  std::size_t most = 0;
  for (int i = 0; i < 40; ++i) {
    channel->publish("a", "a", std::to_string(i) + big);
    CHECK(quick.read_through("\n\n").starts_with("event: a\ndata: " + std::to_string(i) + "x"));
    most = std::max<std::size_t>(most, server->counters().bytes_buffered);
  }
  CHECK(most < 3 * big.size());  // one batch for each of the two, of 40 published
  CHECK(slow.read_through("\n\n").starts_with("event: a\ndata: 0x"));
  std::string last;
  int taken = 1;
  while (!last.starts_with("event: a\ndata: 39x")) last = slow.read_through("\n\n"), ++taken;
  CHECK(taken < 20);

  for (int i = 40; i < 60; ++i) {
    channel->publish("a", "a", std::to_string(i) + big);
    CHECK(quick.read_through("\n\n").starts_with("event: a\ndata: " + std::to_string(i) + "x"));
  }
  clock.advance(31s);
  CHECK(soon([&] { return server->counters().write_timeouts == 1; }));
  CHECK(soon([&] { return channel->readers() == 1; }));
}

TEST_CASE("a drain ends streams, and does not wait for the channel", "[http][events][drain]") {
  hand_clock clock;
  auto channel = a_channel();
  auto server = serve({.clock = &clock}, streaming(channel));
  auto client = raw::socket::connect(server->port());
  client.send(live_request);
  client.read_through("\r\n\r\n");
  auto drained = drain(*server, monotonic::max());
  CHECK(client.read_all().empty());
  CHECK(soon([&] {
    clock.advance(1s);
    return drained.wait_for(0s) == std::future_status::ready;
  }));
  CHECK(drained.get());
  CHECK(channel->readers() == 0);
}
