// The service in simulation: power failures, failed syncs, lost and doubled messages, jumping clocks, from a few seeds.
#include <tests/services/moorings/under_test.hpp>

#include <tests/catch.hpp>

#include <banyan/observability/log.hpp>
// banyan: begin event_sourcing
#include <banyan/simulation/persistent_clients.hpp>
// banyan: end event_sourcing
#include <banyan/simulation/simulate.hpp>

#include <chrono>
#include <set>
#include <string>

using namespace std::chrono_literals;

// banyan: begin event_sourcing
TEST_CASE("what was acknowledged is stored, whatever breaks") {
  banyan::configure_logging({.level = banyan::log_level::off});  // of what goes wrong on purpose
  const auto run = [](banyan::simulation& world, const banyan::workload& some) {
    std::set<std::string> promised;
    banyan::persistent_clients clients{world};
    for (const auto i : some) {
      const auto id = "a" + std::to_string(i);
      const auto body = R"({"id":")" + id + R"(","note":"blue"})";
      clients.send(i * 1s, "POST", "/moorings", body, [&promised, id](const auto& answer) {
        if (answer.status == 201) promised.insert("moorings-" + id);
      });
    }
    // banyan: begin saga
    // A saga sleeps by the clock: one that jumps back lets its caller wait for so long.
    bool is_arranged = false;
    banyan::persistent_clients callers{world};
    const auto arranged = [&is_arranged](const auto& answer) { is_arranged = answer.status == 200; };
    callers.send(1s, "POST", "/moorings/b1/arrange", R"({"note":"blue"})", arranged);
    // banyan: end saga
    world.run_for(1min);
    world.heal();
    world.run_for(1min);
    world.require(clients.unanswered() == 0, "every client is answered in the end");
    std::set<std::string> placed, confirmed;
    for (const auto& e : world.stored()) (e.type == "moorings.placed" ? placed : confirmed).insert(e.stream);
    for (const auto& id : promised) world.require(placed.contains(id), "what was acknowledged is stored", id);
    // banyan: begin pub_sub
    for (const auto& id : placed) world.require(confirmed.contains(id), "what is stored is confirmed in the end", id);
    // banyan: end pub_sub
    // banyan: begin saga
    if (is_arranged) world.require(confirmed.contains("moorings-b1"), "what was arranged is confirmed");
    // banyan: end saga
  };
  const auto app = harbour::moorings::under_test();
  const auto report = banyan::simulate(app, {.seeds = 5, .operations = 30}, run);
  INFO(banyan::to_string(report));
  CHECK_FALSE(report.failure);
}
// banyan: end event_sourcing
// banyan: begin !event_sourcing
// TEST_CASE("it answers again when all faults are over, whatever breaks") {
//   banyan::configure_logging({.level = banyan::log_level::off});  // of what goes wrong on purpose
//   const auto run = [](banyan::simulation& world, const banyan::workload& some) {
//     bool answered = false;
//     const auto ask = [&] {
//       world.request("GET", "/moorings/a1/check?note=blue", "", [&](banyan::result<banyan::http_response> r) {
//         answered = r && r->status == 200;
//         if (answered) world.require(r->body == R"({"accepted":true})", "an answer is right", r->body);
//       });
//     };
//     for (const auto i : some) world.after(i * 1s, ask);
//     world.run_for(1min);
//     world.heal();
//     world.run_for(1min);
//     ask();
//     world.run_for(1min);
//     world.require(answered, "it answers when all faults are over");
//   };
//   const auto app = harbour::moorings::under_test();
//   const auto report = banyan::simulate(app, {.seeds = 5, .operations = 30}, run);
//   INFO(banyan::to_string(report));
//   CHECK_FALSE(report.failure);
// }
// banyan: end !event_sourcing
