#include <banyan/framed_protocol/open_calls.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace banyan;
using namespace banyan::framed;

TEST_CASE("a caller's calls are numbered from one, and never above the limit at a time", "[framed][calls]") {
  outgoing_calls<std::string> calls{2};
  CHECK(calls.open("a") == 1);
  CHECK(calls.open("b") == 2);
  CHECK(calls.full());
  CHECK(**calls.answered(1) == "a");
  CHECK_FALSE(calls.full());
  CHECK(calls.open("c") == 3);
}

TEST_CASE("an abandoned call keeps its place until it is answered", "[framed][calls]") {
  outgoing_calls<std::string> calls{1};
  const auto call = calls.open("a");
  CHECK(calls.abandon(call) == "a");
  CHECK(calls.find(call) == nullptr);
  CHECK(calls.abandon(call) == std::nullopt);
  CHECK(calls.full());
  const auto late = calls.answered(call);
  REQUIRE(late);
  CHECK_FALSE(late->has_value());
  CHECK_FALSE(calls.full());
}

TEST_CASE("a second answer, or one to no question, is a defect of the other side", "[framed][calls]") {
  outgoing_calls<std::string> calls{1};
  const auto call = calls.open("a");
  REQUIRE(calls.answered(call));
  for (const auto number : {call, call + 1, std::uint64_t{0}}) {
    const auto r = calls.answered(number);
    REQUIRE_FALSE(r);
    CHECK(r.error().reason == "bad_frame");
  }
}

TEST_CASE("a lost connection gives back all calls in order, but for abandoned ones", "[framed][calls]") {
  outgoing_calls<std::string> calls{9};
  for (const auto* name : {"a", "b", "c", "d"}) calls.open(name);
  calls.abandon(3);
  CHECK(calls.lost() == std::vector<std::pair<std::uint64_t, std::string>>{{1, "a"}, {2, "b"}, {4, "d"}});
  CHECK(calls.size() == 0);
}

TEST_CASE("a callee takes numbers that are not open, and as many as it said", "[framed][calls]") {
  incoming_calls calls{2};
  REQUIRE(calls.begin(5));
  CHECK(calls.begin(5).error().reason == "bad_frame");
  CHECK(calls.begin(0).error().reason == "bad_frame");
  REQUIRE(calls.begin(4));
  CHECK(calls.begin(10).error().reason == "too_many_calls");
  CHECK(calls.answer(5));
  CHECK_FALSE(calls.answer(5));
  CHECK(calls.begin(10));
  CHECK(calls.lost() == std::vector<std::uint64_t>{4, 10});
}
