#include <banyan/framed_protocol/message_assembler.hpp>
#include <banyan/framed_protocol/send_queue.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace banyan;
using namespace banyan::framed;

namespace {

std::vector<frame> frames_of(const std::string& bytes, frame_reader& reader) {
  const auto space = reader.prepare(bytes.size());
  std::copy(bytes.begin(), bytes.end(), space.begin());
  reader.commit(bytes.size());
  std::vector<frame> all;
  while (true) {
    auto next = reader.next();
    REQUIRE(next);
    if (!*next) return all;
    all.push_back(**next);
  }
}

std::vector<std::pair<frame_type, std::uint64_t>> order_of(send_queue& queue, std::size_t about) {
  std::string out;
  queue.take(out, about);
  frame_reader reader{max_frame_size};
  std::vector<std::pair<frame_type, std::uint64_t>> order;
  for (const auto& f : frames_of(out, reader)) order.emplace_back(f.type, f.call);
  return order;
}

using order = std::vector<std::pair<frame_type, std::uint64_t>>;

const request_head a_head = [] {
  request_head head;
  head.operation = "a.b";
  return head;
}();

}  // namespace

TEST_CASE("control frames go first, small messages between the parts of a large one", "[framed][queue]") {
  send_queue queue{1 << 20, 1024, 1 << 20};
  REQUIRE(queue.add_answer(1, 0, std::string(3000, 'x')));
  for (std::uint64_t call = 2; call <= 4; ++call) REQUIRE(queue.add_answer(call, 0, std::string(600, 'y')));
  queue.add_cancel(9);
  CHECK(order_of(queue, 1 << 20) == order{{frame_type::cancel, 9},
                                          {frame_type::answer, 2},
                                          {frame_type::answer, 3},
                                          {frame_type::answer, 1},
                                          {frame_type::answer, 4},
                                          {frame_type::more, 1},
                                          {frame_type::more, 1}});
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
}

TEST_CASE("of several large messages one is under way at a time", "[framed][queue]") {
  send_queue queue{1 << 20, 1024, 1 << 20};
  REQUIRE(queue.add_answer(1, 0, std::string(2000, 'x')));
  REQUIRE(queue.add_answer(2, 0, std::string(2000, 'x')));
  CHECK(order_of(queue, 1 << 20) ==
        order{{frame_type::answer, 1}, {frame_type::more, 1}, {frame_type::answer, 2}, {frame_type::more, 2}});
}

TEST_CASE("about as many bytes are taken as asked for, in whole frames", "[framed][queue]") {
  send_queue queue{1 << 20, 1024, 1 << 20};
  for (std::uint64_t call = 1; call <= 10; ++call) REQUIRE(queue.add_answer(call, 0, std::string(100, 'x')));
  CHECK(order_of(queue, 1).size() == 9);  // as many as begin within the size of one frame
  CHECK(order_of(queue, 1).size() == 1);
  REQUIRE(queue.add_answer(11, 0, std::string(10'000, 'x')));
  CHECK(order_of(queue, 2'000).size() == 2);
  CHECK_FALSE(queue.empty());
}

TEST_CASE("what does not fit is refused, and nothing of it is sent", "[framed][queue][limits]") {
  send_queue queue{1000, 1024, 900};
  CHECK(queue.add_request(1, a_head, std::string(901, 'x')).error().reason == "message_too_large");
  auto heavy = a_head;
  heavy.headers = {{"a", std::string(1024, 'x')}};
  CHECK(queue.add_request(1, heavy, "").error().reason == "head_too_large");
  REQUIRE(queue.add_request(1, a_head, std::string(800, 'x')));
  const auto full = queue.add_request(2, a_head, std::string(800, 'x'));
  REQUIRE_FALSE(full);
  CHECK(full.error().code == code::exhausted);
  CHECK(full.error().reason == "send_queue_full");
  CHECK(full.error().outcome == outcome::not_applied);
  CHECK(order_of(queue, 1 << 20) == order{{frame_type::request, 1}});
  CHECK(queue.add_request(2, a_head, std::string(800, 'x')));
}

TEST_CASE("a message is taken back: not begun, half gone, or gone", "[framed][queue]") {
  send_queue queue{1 << 20, 1024, 1 << 20};
  REQUIRE(queue.add_answer(1, 0, "small"));
  REQUIRE(queue.add_answer(2, 0, std::string(5000, 'x')));
  REQUIRE(queue.add_answer(3, 0, std::string(5000, 'x')));
  CHECK(queue.withdraw(1) == send_queue::withdrawn::unsent);
  CHECK(order_of(queue, 1) == order{{frame_type::answer, 2}});
  CHECK(queue.withdraw(3) == send_queue::withdrawn::unsent);
  CHECK(queue.withdraw(2) == send_queue::withdrawn::cut);
  CHECK(queue.withdraw(2) == send_queue::withdrawn::sent);
  CHECK(queue.empty());
  CHECK(queue.bytes() == 0);
}

TEST_CASE("many pings are answered by one pong, of the newest", "[framed][queue][limits]") {
  send_queue queue{1000, 1024, 900};
  for (std::uint64_t n = 1; n <= 1000; ++n) queue.add_pong({n, 5});
  std::string out;
  queue.take(out, 1);
  frame_reader reader{1024};
  const auto frames = frames_of(out, reader);
  REQUIRE(frames.size() == 1);
  CHECK(*decode_heartbeat(frames[0].payload) == heartbeat{1000, 5});
}

TEST_CASE("whatever is added and taken back, the other side gets the rest whole", "[framed][queue][property]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random{seed};
    send_queue queue{1 << 20, 1024, 1 << 20};
    frame_reader reader{1024};
    message_assembler assembler{1 << 20};
    std::map<std::uint64_t, std::string> expected, got;
    std::uint64_t call = 0;
    CAPTURE(seed);
    for (int step = 0; step < 200 || !queue.empty(); ++step) {
      if (step < 200 && random() % 2 == 0) {
        ++call;
        const std::string body(random() % (random() % 4 == 0 ? 6000 : 300), static_cast<char>('a' + call % 26));
        expected[call] = body;
        REQUIRE(queue.add_answer(call, 0, body));
      }
      if (random() % 8 == 0 && call > 0) {
        const auto victim = 1 + random() % call;
        const auto how = queue.withdraw(victim);
        if (how != send_queue::withdrawn::sent) expected.erase(victim);
        if (how == send_queue::withdrawn::cut) CHECK(assembler.drop(victim));
      }
      std::string out;
      queue.take(out, random() % 3000);
      for (const auto& f : frames_of(out, reader)) {
        auto m = assembler.take(f);
        REQUIRE(m);
        if (*m) got[(*m)->call] = (*m)->body;
      }
    }
    CHECK(got == expected);
    CHECK(queue.bytes() == 0);
  }
}
