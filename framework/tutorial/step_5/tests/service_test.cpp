#include <bikes/service.hpp>

#include <banyan/test_kit/world.hpp>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using banyan::test_kit::world;

TEST_CASE("a rider owes the minutes of all rides") {
  const banyan::application app{"bike_share", {bikes::describe()}};
  world share{app};  // one node, in virtual time
  CHECK(share.send("POST", "/bikes/b1/rent", R"({"rider":"ada"})").body == R"({"bike":"b1","rider":"ada","minutes":0})");
  share.simulation.run_for(90min - 30s);
  CHECK(share.send("POST", "/bikes/b1/return").body == R"({"bike":"b1","rider":"ada","minutes":90})");
  share.simulation.run_for(24h);
  CHECK(share.send("GET", "/riders/ada").body == R"({"name":"ada","rides":1,"cents":900})");
}

TEST_CASE("a ride goes on while the power fails") {
  const banyan::application app{"bike_share", {bikes::describe()}};
  world share{app};
  share.send("POST", "/bikes/b1/rent", R"({"rider":"ada"})");
  share.simulation.crash();
  share.simulation.run_for(10min - 30s);
  CHECK(share.send("POST", "/bikes/b1/return").body == R"({"bike":"b1","rider":"ada","minutes":10})");
}
