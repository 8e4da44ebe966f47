#include <bikes/account.hpp>
#include <bikes/rides.hpp>
#include <bikes/service.hpp>

#include <banyan/observability/log.hpp>
#include <banyan/simulation/simulate.hpp>
#include <catch2/catch.hpp>

#include <iostream>
#include <optional>
#include <string>

using namespace std::chrono_literals;

namespace {

// Every 25 ms another bike is rented, and returned five seconds later, while faults strike. Then they are over.
void busy_seconds(banyan::simulation& world, const banyan::workload& some) {
  const auto ignore = [](banyan::result<banyan::http_response>) {};
  for (const auto i : some) {
    const auto bike = "/bikes/b" + std::to_string(i);
    const auto rent = [&world, bike, ignore] { world.request("POST", bike + "/rent", R"({"rider":"ada"})", ignore); };
    const auto give_back = [&world, bike, ignore] { world.request("POST", bike + "/return", "", ignore); };
    world.after(i * 25ms, rent);
    world.after(i * 25ms + 5s, give_back);
  }
  world.run_for(2min);
  world.heal();
  world.run_for(2min);
}

// The law: what holds whatever broke. It tells what is wrong.
std::optional<std::string> uncharged(banyan::simulation& world) {
  int returned = 0, charged = 0;
  for (const auto& e : world.stored()) {
    if (e.type == bikes::bike_returned::stored.type) ++returned;
    if (e.type == bikes::ride_charged::stored.type) ++charged;
  }
  if (charged == returned) return {};
  return std::to_string(returned) + " returned, " + std::to_string(charged) + " charged";
}

}  // namespace

TEST_CASE("every ride is charged exactly once") {
  banyan::configure_logging({.level = banyan::log_level::off});  // of what goes wrong on purpose
  const banyan::application app{"bike_share", {bikes::describe()}};
  const auto report = banyan::simulate(
      app, {.seeds = 20, .operations = 400, .faults = {.within = 15s}, .laws = {{"every ride is charged once", uncharged}}}, busy_seconds);
  std::cout << banyan::to_string(report);
  CHECK_FALSE(report.failure);
}
