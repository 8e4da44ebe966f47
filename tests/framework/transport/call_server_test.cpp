// Calls that arrive from another node.
#include <tests/framework/transport/prices.hpp>

#include <banyan/transport/call_server.hpp>

#include <catch2/catch.hpp>

using namespace prices_test;

namespace {

struct served : price_node {
  test::stepped::answer_slot<encoded_answer> call(encoded_call c, timespan left = 10s) {
    test::stepped::answer_slot<encoded_answer> answer;
    under_way = serve_call(s.system, here, c, left, answer.slot());
    s.run();
    return answer;
  }
  error refusal(encoded_call c, timespan left = 10s) {
    auto answer = call(std::move(c), left);
    REQUIRE(answer.is_there());
    REQUIRE(answer->value().refused);
    return *answer->value().refused;
  }
  std::unique_ptr<transport::attempt> under_way;
};

encoded_call get(std::string payload) { return {"prices.get_price", 1, std::move(payload), 0, {}, {}, {}, {}, {}}; }

}  // namespace

TEST_CASE("a call is found by its wire name, decoded, answered and encoded", "[call_server]") {
  served w;
  auto answer = w.call(get(R"({"sku":"A","customer":"ada"})"));
  REQUIRE(answer.is_there());
  CHECK_FALSE(answer->value().refused);
  CHECK(answer->value().payload == R"({"minor":199,"in":"eur","note":"ada"})");
}

TEST_CASE("what accompanies a call arrives with it, and belongs to it alone", "[call_server]") {
  served w;
  auto c = get(R"({"sku":"A"})");
  c.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  c.command = uuid_from_name("test", "command");
  c.causation = uuid_from_name("test", "causation");
  c.correlation = uuid_from_name("test", "correlation");
  c.caller = "ada";
  w.call(c);
  REQUIRE(w.seen.size() == 1);
  CHECK(w.seen[0]->trace == c.trace);
  CHECK(w.seen[0]->command == c.command);
  CHECK(w.seen[0]->causation == c.causation);
  CHECK(w.seen[0]->correlation == c.correlation);
  CHECK(w.seen[0]->caller == "ada");
  CHECK(w.seen[0]->is_of_one_request);
  CHECK(w.seen[0]->ends_when_given_up);
  w.call({"prices.set_price", 2, R"({"sku":"A","minor":1})", 0, {}, {}, {}, {}, {}});
  REQUIRE(w.seen.size() == 2);
  CHECK_FALSE(w.seen[1]->ends_when_given_up);
}

TEST_CASE("the error of whoever answers travels whole; that of a defect says nothing of it", "[call_server]") {
  served w;
  CHECK(w.refusal(get(R"({"sku":"none"})")) ==
        error{code::not_found, "no such product"}.because("unknown_sku").at("sku"));
  const auto failed = w.refusal(get(R"({"sku":"lost"})"));
  CHECK(failed.code == code::internal);
  CHECK(failed.outcome == outcome::unknown);
  CHECK(failed.message.find("secret") == std::string::npos);
}

TEST_CASE("a call that can not be answered here is refused, and nothing is done", "[call_server]") {
  served w;
  SECTION("an operation that is not here") {
    const auto e = w.refusal({"prices.forget", 1, "{}", 0, {}, {}, {}, {}, {}});
    CHECK(e.code == code::unimplemented);
    CHECK(e.message == "no service of this node has an operation prices.forget");
  }
  SECTION("another version") {
    const auto e = w.refusal({"prices.set_price", 1, R"({"sku":"A","minor":1})", 0, {}, {}, {}, {}, {}});
    CHECK(e.code == code::unimplemented);
    CHECK(e.reason == "other_version");
  }
  SECTION("messages that are not described") {
    CHECK(w.refusal({"prices.local_only", 1, "{}", 0, {}, {}, {}, {}, {}}).code == code::unimplemented);
  }
  SECTION("another node answers it") {
    w.here.add(type_of<get_price>(), {.service = "prices", .to = w.at, .of = &w.get, .is_remote = true});
    const auto e = w.refusal(get(R"({"sku":"A"})"));
    CHECK(e.code == code::unavailable);
    CHECK(e.reason == "not_here");
  }
  SECTION("hostile payloads") {
    for (const char* payload : {"", "{", "[]", "null", R"({"sku":1})", R"({"sku":"A","sku":"B"})", "{}", "\xff\xfe"}) {
      const auto e = w.refusal(get(payload));
      CHECK(e.code == code::invalid_argument);
      CHECK(e.outcome == outcome::not_applied);
    }
    CHECK(w.refusal(get(std::string(20 << 20, ' '))).code == code::invalid_argument);
  }
  SECTION("no time is left") { CHECK(w.refusal(get(R"({"sku":"A"})"), timespan{}).code == code::deadline_exceeded); }
  CHECK(w.seen.empty());
}

TEST_CASE("a call that is given up ends its handler; one that was answered is left alone", "[call_server]") {
  served w;
  auto slow = w.call(get(R"({"sku":"slow"})"));
  REQUIRE_FALSE(slow.is_there());
  w.under_way.reset();
  w.s.run();
  CHECK(w.ended == 1);
  CHECK(w.s.system.counters().ended_tasks == 1);
  auto quick = w.call(get(R"({"sku":"A"})"));
  REQUIRE(quick.is_there());
  w.under_way.reset();
  w.s.run();
  CHECK_FALSE(w.seen.back()->given_up.is_cancelled());
}

TEST_CASE("a call whose time is over is answered by then, and its handler is ended", "[call_server]") {
  served w;
  auto slow = w.call(get(R"({"sku":"slow"})"), 2s);
  w.s.advance(3s);
  REQUIRE(slow.is_there());
  CHECK(slow->value().refused->code == code::deadline_exceeded);
  CHECK(w.ended == 1);
}
