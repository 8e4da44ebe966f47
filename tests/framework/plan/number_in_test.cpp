#include <banyan/plan/number_in.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <functional>

using banyan::number_in;

namespace {

struct validator {
  std::function<std::string(std::string&)> check;
  std::string description;
  std::string operator()(std::string text) const { return check(text); }
};

}  // namespace

TEST_CASE("whole numbers are decimal and within their bounds, to the last one") {
  const auto version = number_in<validator>(std::int64_t{0}, std::numeric_limits<std::int64_t>::max());
  CHECK(version("0").empty());
  CHECK(version("9223372036854775807").empty());
  for (auto* wrong : {"-1", "9223372036854775808", "99999999999999999999", "", " ", "+1", "1.5", "1e3", "0x10", "nan", "inf", "7 ", "zzz"}) {
    CAPTURE(wrong);
    CHECK(version(wrong) == "not in range 0 to 9223372036854775807: \"" + std::string{wrong} + "\"");
  }
  CHECK(version.description.empty());
  const auto seed = number_in<validator>(std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max());
  CHECK(seed("18446744073709551615").empty());
  CHECK_FALSE(seed("18446744073709551616").empty());
  CHECK_FALSE(seed("-1").empty());
  const auto limit = number_in<validator>(1, 10'000);
  CHECK(limit.description == "1 to 10000");
  CHECK_FALSE(limit("0").empty());
  CHECK_FALSE(limit("10001").empty());
  CHECK_FALSE(limit("4294967297").empty());
}

TEST_CASE("zeros in front make no octal number") {
  std::string text = "0010";
  CHECK(number_in<validator>(1, 100).check(text).empty());
  CHECK(text == "10");
}

TEST_CASE("a number with a fraction is within its bounds, and is one") {
  const auto seconds = number_in<validator>(0.0, 86'400.0);
  CHECK(seconds.description == "0 to 86400");
  for (auto* right : {"0", "0.5", "86400", "1e3"}) CHECK(seconds(right).empty());
  for (auto* wrong : {"nan", "-nan", "inf", "-1", "86400.1", "1e400", "", "x"}) {
    CAPTURE(wrong);
    CHECK_FALSE(seconds(wrong).empty());
  }
}
