// A whole application in simulation (simulation/simulation.hpp), for tests of what several services do together: a
// client of its HTTP API that waits in virtual time, so that minutes of retries pass in milliseconds.
//
//   world catalog{test::the_catalog()};                              // the application must outlive it
//   REQUIRE(catalog.send("PUT", "/products/A1", test::lantern).status == 200);
//   catalog.settle();                                                // all events are delivered
//   CHECK(catalog.read<product>("/products/A1")->name == "lantern");
//
// Faults are injected through `simulation`. To search many seeds for a broken law use `simulate` (simulation/
// simulate.hpp).
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/simulation/simulation.hpp>

#include <chrono>
#include <string>

namespace banyan::test_kit {

class world {
 public:
  explicit world(const application& app, simulation_options options = {.seed = 1});

  // Runs until the request is answered. A non-empty body is JSON. Throws result_error when there is no answer, as when
  // the node crashes meanwhile.
  http_response send(std::string method, std::string target, std::string body = {});
  http_response send(http_request request);
  // The reply of GET `target`, or the problem that is answered.
  template <class Reply>
  result<Reply> read(std::string target) {
    const auto answer = send("GET", std::move(target));
    if (answer.status == 200) return from_json<Reply>(answer.body);
    return problem_in(answer);
  }

  // Runs until nothing is left to do. Throws expectation_failed when that takes longer, in virtual time.
  void settle(timespan limit = std::chrono::minutes{10});

  banyan::simulation simulation;

 private:
  static error problem_in(const http_response& answer);
};

}  // namespace banyan::test_kit
