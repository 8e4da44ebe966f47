#include <banyan/observability/trace.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

const std::string sound = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// Gives what it was given, then ones.
class scripted final : public random_source {
 public:
  explicit scripted(std::vector<std::uint64_t> numbers) : numbers_{std::move(numbers)} {}
  std::uint64_t next() override { return at_ < numbers_.size() ? numbers_[at_++] : 1; }

 private:
  std::vector<std::uint64_t> numbers_;
  std::size_t at_ = 0;
};

}  // namespace

TEST_CASE("a traceparent is read and written") {
  auto t = parse_traceparent(sound);
  REQUIRE(t);
  CHECK(*t == trace_context{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 0x00f067aa0ba902b7, true});
  CHECK(to_string(*t) == sound);
}

TEST_CASE("of the flags only the first is known") {
  auto flags = [](const char* two) { return parse_traceparent(sound.substr(0, 53) + two); };
  CHECK(flags("00")->sampled == false);
  CHECK(flags("ff")->sampled == true);
  CHECK(flags("fe")->sampled == false);
  CHECK(to_string(*flags("ff")).ends_with("-01"));
}

TEST_CASE("what breaks a rule of the specification is no traceparent") {
  auto with = [](std::size_t at, const std::string& text) { return std::string{sound}.replace(at, text.size(), text); };
  for (auto& bad : {std::string{}, std::string{"00"}, sound.substr(0, 54), sound + "-", sound + "-00", sound + " ", " " + sound,
                    with(0, "ff"), with(0, "0G"), with(2, "_"), with(3, "4B"), with(3, std::string(32, '0')), with(35, "0"),
                    with(36, std::string(16, '0')), with(36, "00F0"), with(52, "0"), with(53, "0x"), with(53, "0A")}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_traceparent(bad));
  }
}

TEST_CASE("of a later version the known part is read") {
  auto later = "cc" + sound.substr(2);
  CHECK(parse_traceparent(later) == parse_traceparent(sound));
  CHECK(parse_traceparent(later + "-what-the-future-will-be-like") == parse_traceparent(sound));
  CHECK_FALSE(parse_traceparent(later + ".what"));
  CHECK(to_string(*parse_traceparent(later)) == sound);
}

TEST_CASE("a trace goes on with a step of our own, whether it is sampled or not") {
  scripted random{{7}};
  auto t = continue_trace(sound, random);
  CHECK(to_string(t) == "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000007-01");
  CHECK_FALSE(continue_trace(sound.substr(0, 53) + "00", random).sampled);
}

TEST_CASE("without a trace a new one begins, and no part of it is zero") {
  for (auto* none : {"", "nonsense"}) {
    scripted random{{0, 0, 2, 0, 3, 0, 4}};
    CHECK(continue_trace(none, random) == trace_context{2, 3, 4, true});
  }
}
