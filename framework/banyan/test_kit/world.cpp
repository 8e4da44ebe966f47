#include <banyan/test_kit/world.hpp>

#include <banyan/core/problem_details.hpp>
#include <banyan/test_kit/given_when_then.hpp>

#include <optional>

namespace banyan::test_kit {

world::world(const application& app, simulation_options options) : simulation{app, std::move(options)} {}

http_response world::send(std::string method, std::string target, std::string body) {
  return send(json_request(std::move(method), std::move(target), std::move(body)));
}

http_response world::send(http_request request) {
  std::optional<result<http_response>> answer;
  simulation.request(std::move(request), [&](result<http_response> r) { answer = std::move(r); });
  while (!answer && simulation.step()) {
  }
  if (!answer) throw expectation_failed{"a request is not answered, although nothing is left to do"};
  return std::move(*answer).value();
}

void world::settle(timespan limit) {
  if (!simulation.run_until_idle(limit)) throw expectation_failed{"there is still something to do after " + to_string(limit)};
}

error world::problem_in(const http_response& answer) { return from_problem(answer.status, answer.body); }

}  // namespace banyan::test_kit
