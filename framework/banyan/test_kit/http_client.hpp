// A blocking HTTP client for tests: one line per request, against a server on this machine.
//
//   test_kit::blocking_http_client client{server->port()};
//   REQUIRE(client.get("/orders/42").status == 200);
//   REQUIRE(client.post("/orders", R"({"sku":"A1"})").status == 201);
//
// For tests and small tools only: it waits on the calling thread, and a call without an answer throws `result_error`.
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/http/client.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace banyan::test_kit {

class blocking_http_client {
 public:
  explicit blocking_http_client(std::uint16_t port, timespan patience = std::chrono::seconds{10}, http_client_options options = {});

  http_response get(std::string target);
  http_response post(std::string target, std::string json);

  // Any request; `authority` is filled in when empty. `try_send` gives the error as a value.
  http_response send(http_request request);
  result<http_response> try_send(http_request request);

  http_client& client() { return client_; }

 private:
  std::string authority_;
  timespan patience_;
  http_client client_;
};

}  // namespace banyan::test_kit
