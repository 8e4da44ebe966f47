#include <tests/framework/framed_protocol/two_sessions.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace banyan;
using namespace banyan::framed;
using namespace std::string_literals;

TEST_CASE("whatever happens in whatever order, each call ends once, with its own answer",
          "[framed][session][property]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random{seed};
    CAPTURE(seed);
    two_sessions two{{.max_frame = 2048, .node = "a"},
                     {.max_frame = 1024, .max_calls = 1 + static_cast<std::uint32_t>(random() % 20), .node = "b"},
                     {.max_queued = 20'000}};
    two.settle();
    int number = 0;
    std::map<int, std::string> bodies;
    std::vector<std::uint64_t> ids;
    std::map<std::string, int> seen;  // bodies that were with a handler: none of a call that is said to be not_applied
    for (int step = 0; step < 400; ++step) {
      switch (random() % 8) {
        case 0:
        case 1: {
          ++number;
          bodies[number] = std::to_string(number) + std::string(random() % (random() % 5 == 0 ? 9'000 : 100), 'x');
          if (const auto id = two.call(number, bodies[number], static_cast<std::int64_t>(random() % 50'000)))
            ids.push_back(id);
          break;
        }
        case 2: two.write(random() % 5'000); break;
        case 3: two.callee_reads(random() % 3'000); break;
        case 4: two.caller_reads(random() % 3'000); break;
        case 5:
          if (!two.requests.empty()) {
            auto at = two.requests.begin();
            std::advance(at, static_cast<std::ptrdiff_t>(random() % two.requests.size()));
            ++seen[at->second.body];
            two.answer(at->first, at->second.body);
          }
          break;
        case 6:
          if (!ids.empty() && random() % 4 == 0)
            two.caller.cancel(ids[random() % ids.size()], {code::deadline_exceeded, "gone"});
          break;
        default: two.advance(static_cast<std::int64_t>(random() % 3'000)); break;
      }
    }
    if (seed % 3 == 0) two.callee.goaway("draining");
    if (seed % 5 == 0) two.caller.lost({code::unavailable, "reset"});
    for (int i = 0; i < 50 && two.caller.open_calls() > 0 && !two.caller.fault(); ++i) {
      two.settle();
      for (const auto& [call, m] : two.requests) ++seen[m.body];
      two.answer_all();
      two.settle();
    }
    if (two.caller.fault()) CHECK(two.caller.fault()->reason != "bad_frame");
    CHECK_FALSE(two.callee.fault());
    CHECK(two.caller.open_calls() == 0);
    REQUIRE(two.ends.size() == bodies.size());
    for (const auto& [n, end] : two.ends) {
      CAPTURE(n, end);
      CHECK(end != "twice");
      if (end.starts_with("ok ")) CHECK(end == "ok " + bodies[n]);
      if (end.ends_with(" not_applied")) CHECK(seen[bodies[n]] == 0);
    }
  }
}

TEST_CASE("hostile bytes end a session or are waited out; no call is left without an end",
          "[framed][session][property]") {
  int faults = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    std::mt19937_64 random{seed};
    CAPTURE(seed);
    two_sessions two;
    two.settle();
    for (int n = 1; n <= 5; ++n) two.call(n, std::string(random() % (n == 1 && seed % 4 == 0 ? 20'000 : 20), 'x'));
    two.write(1 << 20);
    two.callee_reads(random() % two.to_callee.size());
    two.answer_all();
    two.write(1 << 20);
    for (auto* stream : {&two.to_callee, &two.to_caller})
      for (auto n = 1 + random() % 4; n > 0 && !stream->empty(); --n)
        (*stream)[random() % stream->size()] = static_cast<char>(random());
    two.callee_reads(1 << 20);
    two.caller_reads(1 << 20);
    faults += two.caller.fault().has_value() + two.callee.fault().has_value();
    two.caller.lost({code::unavailable, "reset"});
    two.callee.lost({code::unavailable, "reset"});
    CHECK(two.ends.size() == 5);
    for (const auto& [n, end] : two.ends) CHECK(end != "twice");
    CHECK(two.callee.open_calls() == 0);
  }
  CHECK(faults > 100);
}
