#include <bikes/bike.hpp>

#include <banyan/test_kit/given_when_then.hpp>
#include <catch2/catch.hpp>

using namespace bikes;
using namespace std::chrono_literals;
using banyan::test_kit::given;

namespace {

const banyan::instant noon = std::chrono::sys_days{std::chrono::May / 1 / 2026} + 12h;

}  // namespace

TEST_CASE("a bike is rented by one rider at a time") {
  const bike_rented rented{"b1", "ada", noon};
  given<bike>().at(noon).when(rent_bike{"b1", "ada"}).then({rented}).then_reply(ride{"b1", "ada", 0});
  given<bike>({rented}).when(rent_bike{"b1", "bob"}).then_refused("rented");
  given<bike>().when(return_bike{"b1"}).then_refused("not_rented");
}

TEST_CASE("a ride is counted in begun minutes") {
  const auto out = given<bike>({bike_rented{"b1", "ada", noon}});
  out.at(noon + 90min).when(return_bike{"b1"}).then({bike_returned{"b1", "ada", 90}});
  out.at(noon + 61s).when(return_bike{"b1"}).then({bike_returned{"b1", "ada", 2}});
  out.at(noon - 1h).when(return_bike{"b1"}).then({bike_returned{"b1", "ada", 1}});
}

TEST_CASE("a rider has a name") {
  given<bike>().when(rent_bike{"b1", ""}).then_error(banyan::code::invalid_argument, "rider");
}
