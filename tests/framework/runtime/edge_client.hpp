// A client of an application in simulation: sends a request through the edge and goes on in virtual time exactly until the answer is there.
#pragma once

#include <banyan/http/message.hpp>
#include <banyan/simulation/simulation.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <utility>

namespace banyan::test {

struct edge_client {
  explicit edge_client(const application& app, std::uint64_t seed = 1) : world{app, {.seed = seed}} {}

  http_response send(std::string method, std::string target, std::string body = {}, header_list headers = {}) {
    http_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    r.body = std::move(body);
    r.headers = std::move(headers);
    if (!r.body.empty() && !r.headers.find("Content-Type")) r.headers.add("Content-Type", "application/json");
    std::optional<result<http_response>> answer;
    world.request(std::move(r), [&](result<http_response> a) { answer = std::move(a); });
    while (!answer && world.step()) {
    }
    REQUIRE(answer);
    return answer->value();
  }
  void settle() { REQUIRE(world.run_until_idle(std::chrono::seconds{60})); }

  simulation world;
};

}  // namespace banyan::test
