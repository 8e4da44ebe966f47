#include <bikes/service.hpp>
#include <groups/service.hpp>

#include <banyan/test_kit/saga.hpp>
#include <banyan/test_kit/world.hpp>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using banyan::test_kit::world;
using bikes::rent_bike, bikes::ride;

namespace {

const groups::rent_group two{"g1", "ann", {"b1", "b2"}};

}  // namespace

TEST_CASE("a group rents its bikes one after the other") {
  banyan::test_kit::saga<groups::rent_all>(two)
      .answers<rent_bike>([](const rent_bike& r) { return ride{r.bike, r.rider, 0}; })
      .then_asked({"bikes.rent_bike", "bikes.rent_bike"})
      .then_undone({});
}

TEST_CASE("when one is rented already, the others are returned") {
  banyan::test_kit::saga<groups::rent_all>(two)
      .answers<rent_bike>([](const rent_bike& r) -> banyan::result<ride> {
        if (r.bike == "b2") return banyan::error{banyan::code::refused, "the bike is rented already"}.because("rented");
        return ride{r.bike, r.rider, 0};
      })
      .then_undone({"bikes.return_bike"})
      .then_refused("rented");
}

TEST_CASE("a power failure in the middle leaves no group with half of its bikes") {
  const banyan::application app{"bike_share", {bikes::describe(), groups::describe()}};
  for (int moment = 0; moment < 40; ++moment) {
    world share{app};
    REQUIRE(share.send("POST", "/bikes/b3/rent", R"({"rider":"bob"})").status == 200);
    share.simulation.request("POST", "/groups/g1", R"({"rider":"ann","bikes":["b1","b2","b3"]})", [](const auto&) {});
    share.simulation.run_for(moment * 1ms);
    share.simulation.crash();
    share.simulation.run_for(1min);
    CHECK(share.send("POST", "/bikes/b1/rent", R"({"rider":"eve"})").status == 200);
    CHECK(share.send("POST", "/bikes/b2/rent", R"({"rider":"eve"})").status == 200);
  }
}
