// The examples of the headers for simulations, in one program that compiles: tests/examples/check compares them.
#include <banyan/simulation/laws.hpp>
#include <banyan/simulation/persistent_clients.hpp>
#include <banyan/simulation/simulate.hpp>

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace examples {

using namespace banyan;
using namespace std::chrono_literals;

std::optional<std::string> first_placed_twice(simulation& world);
std::optional<std::string> first_unconfirmed(simulation& world);
std::optional<std::string> first_lost(simulation& world, const std::set<std::string>& promised);
void place_orders(simulation& world, const workload& some);

// --- simulation/laws.hpp

bool keeps_its_laws(const application& app) {
  const std::vector<law> laws{
      {"an order is placed once", [](simulation& world) { return first_placed_twice(world); }, 100ms},
      {"every order is confirmed", [](simulation& world) { return first_unconfirmed(world); }},
  };
  const auto report = simulate(app, {.seeds = 50, .laws = laws}, place_orders);
  return !report.failure;
}

void keep_promises(simulation& world) {
  std::set<std::string> promised;
  const auto lost = [&](simulation&) { return first_lost(world, promised); };
  checked_laws kept{world, {{"what was acknowledged is stored", lost}}};
  world.run_for(1min);
  world.heal();
  world.run_for(1min);
  kept.check();
}

// --- simulation/persistent_clients.hpp

int place_one(simulation& world, const std::string& body) {
  int acknowledged = 0;
  persistent_clients clients{world};
  clients.send(100ms, "POST", "/orders", body, [&](const http_response& r) { acknowledged += r.status == 201; });
  world.run_for(1min);
  world.require(clients.unanswered() == 0, "every client is answered in the end");
  return acknowledged;
}

}  // namespace examples
