#include <shop/schedule.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace std::chrono_literals;

TEST_CASE("a mix is parsed, or refused with the reason") {
  auto mix = shop::parse_mix("browse=80,order=19.5").value();
  REQUIRE(mix.size() == 2);
  CHECK(mix[1].kind == "order");
  CHECK(mix[1].weight == 19.5);
  for (const char* wrong :
       {"", "browse", "=3", "browse=", "browse=-1", "browse=x", "browse=1x", "browse=nan", "browse=inf", "a=1,a=2", "a=0", "a=1;b=2"}) {
    CAPTURE(wrong);
    auto got = shop::parse_mix(wrong);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code == banyan::code::invalid_argument);
    CHECK(got.error().field == "mix");
  }
}

TEST_CASE("a schedule is the same for the same seed and another for another") {
  auto mix = shop::parse_mix("browse=80,order=20").value();
  auto starts = [&](std::uint64_t seed) {
    std::vector<std::int64_t> all;
    const auto plan = shop::make_schedule(100, 5s, mix, seed).value();
    for (const auto& a : plan) all.push_back(a.at.count() * 2 + a.kind);
    return all;
  };
  CHECK(starts(1) == starts(1));
  CHECK(starts(1) != starts(2));
}

TEST_CASE("a schedule has its rate, its span, its order and its mix") {
  auto mix = shop::parse_mix("browse=80,never=0,order=20").value();
  auto plan = shop::make_schedule(1000, 20s, mix, 3).value();
  CHECK(plan.size() == 20000);
  CHECK(std::ranges::is_sorted(plan, {}, &shop::arrival::at));
  CHECK(plan.front().at >= 0ns);
  CHECK(plan.back().at < 20s);
  auto count = [&](std::uint32_t kind) { return std::ranges::count(plan, kind, &shop::arrival::kind); };
  CHECK(count(1) == 0);
  CHECK(count(0) + count(2) == 20000);
  CHECK(count(2) > 3700);  // 4000 expected, standard deviation 57
  CHECK(count(2) < 4300);
  // Arrivals are spread evenly: each second has about 1000, standard deviation 31.
  for (int s = 0; s < 20; ++s) {
    auto n =
        std::ranges::count_if(plan, [&](const auto& a) { return a.at >= std::chrono::seconds{s} && a.at < std::chrono::seconds{s + 1}; });
    CHECK(n > 830);
    CHECK(n < 1170);
  }
}

TEST_CASE("a schedule refuses what it cannot be") {
  auto mix = shop::parse_mix("browse=1").value();
  CHECK(shop::make_schedule(0, 1s, mix, 1).error().field == "rate");
  CHECK(shop::make_schedule(-1, 1s, mix, 1).error().field == "rate");
  CHECK(shop::make_schedule(1e9, 3600s, mix, 1).error().field == "rate");
  CHECK(shop::make_schedule(0.1, 1s, mix, 1).error().field == "rate");
  CHECK(shop::make_schedule(10, 0s, mix, 1).error().field == "seconds");
}
