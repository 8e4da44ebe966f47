// Simulated clients that want their requests answered: each repeats the same request until the answer settles it, as a
// client does that has a retry and an idempotency key.
//
//   persistent_clients clients{world};
//   clients.send(100ms, "POST", "/orders", body, [&](const http_response& r) { acknowledged += r.status == 201; });
//   world.run_for(1min);
//   world.require(clients.unanswered() == 0, "every client is answered in the end");
//
// Use it in scenarios of simulate(), where a request that is sent once may be lost.
#pragma once

#include <banyan/http/message.hpp>
#include <banyan/simulation/simulation.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

class persistent_clients {
 public:
  using answer_function = std::function<void(const http_response&)>;
  // Whether a request is sent again after this answer, or error of the connection.
  using again_function = std::function<bool(const result<http_response>&)>;

  // None at all, or a status by which the server asks to come again: 429, 500, 503 or 504.
  static bool is_retryable(const result<http_response>& answer);

  // The world must outlive this. What is unanswered when this ends is forgotten.
  explicit persistent_clients(simulation& world, again_function again = is_retryable);
  ~persistent_clients();
  persistent_clients(const persistent_clients&) = delete;
  persistent_clients& operator=(const persistent_clients&) = delete;

  // Sends the request after `when`, and again 20 to 320 ms after each retryable answer. A non-empty body is
  // JSON.
  void send(timespan when, std::string method, std::string target, std::string body, answer_function answered = {});
  void send(timespan when, http_request r, answer_function answered = {});

  std::size_t unanswered() const { return unanswered_; }

 private:
  struct client {
    http_request request;
    answer_function answered;
  };
  void go(client& c);
  simulation& world_;
  const again_function again_;
  std::vector<std::unique_ptr<client>> clients_;
  std::size_t unanswered_ = 0;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // known to the world's callbacks
};

}  // namespace banyan
