#include <trips/service.hpp>
#include <trips/weather.hpp>

#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/test_kit/world.hpp>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using banyan::test_kit::world;

namespace {

int asked = 0;          // attempts that came
bool is_away = false;   // all of them fail
bool is_shaky = false;  // each second one fails

banyan::result<weather::forecast> tell(banyan::context<>, const weather::get_forecast& q) {
  ++asked;
  if (is_away || (is_shaky && asked % 2 == 1)) return banyan::error{banyan::code::unavailable, "no station"};
  return weather::forecast{q.city, 15};
}

// The trips, with a weather service of the test's own.
banyan::application with_weather(bool away, bool shaky) {
  asked = 0;
  is_away = away;
  is_shaky = shaky;
  return {"bike_share", {trips::describe(), banyan::service<weather::weather_api>(banyan::handles<tell>{})}};
}

}  // namespace

TEST_CASE("an attempt that fails is made again") {
  const auto app = with_weather(false, true);
  world share{app};
  for (int i = 0; i < 3; ++i) CHECK(share.send("GET", "/trips/london").body == R"({"city":"london","ride":true})");
  CHECK(asked == 3 * 2);
}

TEST_CASE("when all attempts fail, few are made again") {
  const auto app = with_weather(true, false);
  world share{app};
  for (int i = 0; i < 15; ++i) CHECK(share.send("GET", "/trips/london").status == 503);
  CHECK(asked == 15 + 3);
}
