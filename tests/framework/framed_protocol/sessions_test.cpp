#include <tests/framework/framed_protocol/two_sessions.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::framed;
using namespace std::string_literals;

namespace {
constexpr std::int64_t second = 1'000'000;
}

TEST_CASE("a call goes to the callee and its answer comes back", "[framed][session]") {
  two_sessions two;
  two.settle();
  two.call(1, "{}");
  two.settle();
  REQUIRE(two.requests.size() == 1);
  CHECK(two.requests.begin()->second.head.operation == "a.b");
  two.answer(1, "done"s);
  two.settle();
  CHECK(two.ends == std::map<int, std::string>{{1, "ok done"}});
  CHECK(two.caller.open_calls() + two.callee.open_calls() == 0);
}

TEST_CASE("a typed error comes back as it was", "[framed][session]") {
  two_sessions two;
  two.settle();
  two.call(1, "{}");
  two.settle();
  two.fail(1, error{code::refused, "only 3 left"}.because("out_of_stock"));
  two.settle();
  CHECK(two.ends[1] == "refused not_applied");
}

TEST_CASE("an answer comes with the journal position that it includes", "[framed][session]") {
  two_sessions two;
  two.settle();
  std::int64_t position = 0;
  two.caller.call({.operation = "a.b"}, "{}", [&](result<answer> r) { position = r ? r->position : -1; });
  two.settle();
  two.callee.answer(1, {"{}", 42, {}});
  two.settle();
  CHECK(position == 42);
}

TEST_CASE("a request with texts that are not UTF-8 is refused, and the connection goes on", "[framed][session]") {
  two_sessions two;
  two.settle();
  std::string reason;
  const auto keep_reason = [&](result<answer> r) { reason = r && r->failure ? r->failure->reason : "none"; };
  two.caller.call({.operation = "a.b", .caller = "\xff"}, "{}", keep_reason);
  two.settle();
  CHECK(reason == "not_utf8");
  CHECK(two.requests.empty());
  two.call(1, "{}");
  two.settle();
  CHECK(two.requests.size() == 1);
}

TEST_CASE("a session says when it has to be looked after", "[framed][session]") {
  two_sessions two;
  two.settle();
  CHECK(two.caller.next_time() == two.now + 5 * second);  // the ping
  two.call(1, "{}", second);
  CHECK(two.caller.next_time() == two.now + second);
  two.advance(second);
  CHECK(two.ends.size() == 1);
  CHECK(two.caller.next_time() == two.now + 4 * second);
  two.callee.lost({code::unavailable, "reset"});
  CHECK(two.callee.next_time() == no_deadline);
}

TEST_CASE("before the hello of the callee nothing is called", "[framed][session]") {
  two_sessions two;
  CHECK(two.call(1, "{}") == 0);
  CHECK(two.ends[1] == "unavailable not_applied");
}

TEST_CASE("a deadline ends the call, the callee is told, and the late answer is dropped", "[framed][session]") {
  two_sessions two;
  two.settle();
  two.call(1, "{}", second);
  two.settle();
  two.advance(second);
  CHECK(two.ends[1] == "deadline_exceeded unknown");
  CHECK(two.caller.open_calls() == 1);  // its place is kept until the callee has answered
  two.settle();
  CHECK(two.told == std::vector<std::uint64_t>{1});
  CHECK(two.caller.open_calls() == 0);
  CHECK(two.caller.late_answers() == 1);
  two.callee.answer(1, {"too late", 0, {}});
  CHECK_FALSE(two.callee.has_output());
}

TEST_CASE("a call of which nothing has left is known not to be applied", "[framed][session]") {
  two_sessions two;
  two.settle();
  SECTION("its deadline passed") { two.call(1, "{}", second), two.advance(second); }
  SECTION("it was cancelled") { two.caller.cancel(two.call(1, "{}"), {code::deadline_exceeded, "gone"}); }
  CHECK(two.ends[1] == "deadline_exceeded not_applied");
  CHECK_FALSE(two.caller.has_output());
  CHECK(two.caller.open_calls() == 0);
}

TEST_CASE("a cancelled call ends at once, and its handler is told", "[framed][session]") {
  two_sessions two;
  two.settle();
  const auto call = two.call(1, "{}");
  two.settle();
  two.caller.cancel(call, {code::deadline_exceeded, "gone"});
  CHECK(two.ends[1] == "deadline_exceeded unknown");
  two.settle();
  CHECK(two.told == std::vector<std::uint64_t>{call});
}

TEST_CASE("a large request that is cancelled half-way is not executed", "[framed][session]") {
  two_sessions two;
  two.settle();
  const auto call = two.call(1, std::string(100'000, 'x'));
  two.write(30'000);
  two.callee_reads(1 << 20);
  two.caller.cancel(call, {code::deadline_exceeded, "gone"});
  CHECK(two.ends[1] == "deadline_exceeded not_applied");
  two.settle();
  CHECK(two.requests.empty());
  CHECK(two.callee.expired() == 1);
  two.call(2, std::string(100'000, 'y'));  // nothing of the first is left over
  two.settle();
  two.answer_all();
  two.settle();
  CHECK(two.ends[2] == "ok " + std::string(100'000, 'y'));
}

TEST_CASE("a large answer that nobody waits for is not sent to its end", "[framed][session]") {
  two_sessions two;
  two.settle();
  const auto call = two.call(1, "{}");
  two.settle();
  two.answer(call, std::string(1'000'000, 'x'));
  two.callee.take_output(two.to_caller, 30'000);
  two.caller_reads(1 << 20);
  two.caller.cancel(call, {code::deadline_exceeded, "gone"});
  two.write(1);
  two.callee_reads(1 << 20);
  CHECK(two.to_caller.size() < 60'000);
  two.settle();
  CHECK_FALSE(two.caller.fault());
  CHECK(two.caller.open_calls() == 0);
}

TEST_CASE("a paused callee gets as many requests as it said; more are refused at once, and none of the old is executed",
          "[framed][session]") {
  two_sessions two{{.node = "a"}, {.max_calls = 8, .node = "b"}};
  two.settle();
  for (int n = 0; n < 100; ++n) {
    two.call(n, "{}", second);
    two.write(1 << 20);
    two.now += second / 20;
    two.caller.on_time(two.now);
  }
  std::map<std::string, int> count;
  for (const auto& [number, end] : two.ends) ++count[end];
  CHECK(count == std::map<std::string, int>{{"deadline_exceeded unknown", 8}, {"exhausted not_applied", 92}});
  two.settle();
  CHECK(two.requests.empty());
  CHECK(two.callee.expired() == 8);
  CHECK(two.caller.open_calls() == 0);
  two.call(100, "{}");
  two.settle();
  CHECK(two.requests.size() == 1);
}

TEST_CASE("a request whose deadline passed in a buffer is not handed out, though its cancellation is not there yet",
          "[framed][session]") {
  two_sessions two;
  two.settle();
  two.call(1, "{}", second);
  two.write(1 << 20);
  two.now += 2 * second;  // the caller is paused as well
  two.callee_reads(1 << 20);
  CHECK(two.requests.empty());
  CHECK(two.callee.expired() == 1);
}

TEST_CASE("a lost connection ends all calls at once, with what is known of each", "[framed][session]") {
  two_sessions two;
  two.settle();
  two.call(1, "{}");
  two.settle();
  two.call(2, "{}");
  two.caller.lost({code::unavailable, "reset"});
  CHECK(two.ends == std::map<int, std::string>{{1, "unavailable unknown"}, {2, "unavailable not_applied"}});
  CHECK(two.call(3, "{}") == 0);
}

TEST_CASE("a callee that loses its caller tells the handlers", "[framed][session]") {
  two_sessions two;
  two.settle();
  two.call(1, "{}");
  two.settle();
  two.callee.lost({code::unavailable, "reset"});
  CHECK(two.callee.take_cancelled() == std::vector<std::uint64_t>{1});
}

TEST_CASE("a leaving callee serves what it has; the rest was not applied and may go elsewhere",
          "[framed][session]") {
  two_sessions two;
  two.settle();
  two.call(1, "{}");
  two.settle();
  two.call(2, "{}");
  two.write(1 << 20);
  two.call(3, "{}");
  two.callee.goaway("draining");
  two.callee.take_output(two.to_caller, 1 << 20);
  two.caller_reads(1 << 20);
  CHECK(two.ends == std::map<int, std::string>{{3, "unavailable not_applied"}});  // it had not left
  two.settle();
  CHECK(two.ends[2] == "unavailable not_applied");
  CHECK(two.requests.size() == 1);
  CHECK_FALSE(two.caller.ready());
  CHECK_FALSE(two.caller.fault());
  two.answer(1, "done"s);
  two.settle();
  CHECK(two.ends[1] == "ok done");
  REQUIRE(two.caller.fault());
  CHECK(two.caller.fault()->reason == "closing");
}

TEST_CASE("silence is asked about, then it is a lost connection", "[framed][session]") {
  two_sessions two;
  two.settle();
  two.advance(5 * second);
  CHECK(two.caller.has_output());
  two.settle();
  two.advance(14 * second);
  CHECK_FALSE(two.caller.fault());
  two.advance(second);
  REQUIRE(two.caller.fault());
  CHECK(two.caller.fault()->reason == "peer_silent");
  CHECK(two.callee.fault()->reason == "peer_silent");
}

TEST_CASE("a callee does not read while its answers are not taken", "[framed][session][limits]") {
  two_sessions two{{.node = "a"}, {.node = "b"}, {.max_queued = 10'000}};
  two.settle();
  for (int n = 0; n < 12; ++n) {
    two.call(n, std::string(1'000, 'x'));
    two.caller.take_output(two.to_callee, 1 << 20);
    two.callee_reads(two.to_callee.size());
    two.answer_all();
  }
  CHECK_FALSE(two.callee.reading());
  CHECK(two.to_callee.size() > 0);
  two.settle();
  two.answer_all();
  two.settle();
  CHECK(two.ends.size() == 12);
}

TEST_CASE("more calls than were said, a number twice, an answer to no question: the connection is at its end",
          "[framed][session]") {
  two_sessions two{{.node = "a"}, {.max_calls = 1, .node = "b"}};
  two.settle();
  send_queue rogue{1 << 20, 1024, 1 << 20};
  request_head head;
  head.operation = "a.b";
  std::string* to = &two.to_callee;
  std::string reason;
  SECTION("calls") {
    REQUIRE(rogue.add_request(1, head, "{}"));
    REQUIRE(rogue.add_request(2, head, "{}"));
    reason = "too_many_calls";
  }
  SECTION("numbers") {
    REQUIRE(rogue.add_request(0, head, "{}"));
    reason = "bad_frame";
  }
  SECTION("answers") {
    REQUIRE(rogue.add_answer(1, 0, "{}"));
    to = &two.to_caller;
    reason = "bad_frame";
  }
  SECTION("hellos") {
    rogue.add_hello({.node = "c"});
    to = &two.to_caller;
    reason = "bad_frame";
  }
  rogue.take(*to, 1 << 20);
  two.callee_reads(1 << 20);
  two.caller_reads(1 << 20);
  const auto& fault = to == &two.to_callee ? two.callee.fault() : two.caller.fault();
  REQUIRE(fault);
  CHECK(fault->reason == reason);
}
