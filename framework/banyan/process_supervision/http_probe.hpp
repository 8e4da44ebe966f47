// Polls a loopback URL until it answers 2xx. One connection per attempt, non-blocking. Only the header of a response
// is read. An attempt has a time-out, and a header the limits of http_limits.
#pragma once

#include <banyan/http/message.hpp>
#include <banyan/http/parser.hpp>
#include <banyan/process_supervision/descriptor.hpp>
#include <banyan/process_supervision/poll_set.hpp>

#include <optional>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>

namespace banyan {

struct ip_endpoint {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = 0;
};

// The endpoint of "127.0.0.1:8081", "[::1]:8081" or "localhost" (127.0.0.1, port 80); nothing for other hosts.
std::optional<ip_endpoint> loopback_endpoint(std::string_view authority);

class http_probe {
 public:
  // `url` must have a loopback_endpoint as authority.
  http_probe(const std::string& url, timespan timeout);

  void watch(poll_set& turn, monotonic now);
  bool succeeded() const { return succeeded_; }
  // The result of the last attempt: "nobody answered", "the last answer was 503".
  const std::string& last() const { return last_; }

 private:
  static constexpr std::chrono::milliseconds pause{100};

  void begin(monotonic now);
  void hang_up() { connection_.close(); }
  void send();
  void receive();

  void judge(int status);

  ip_endpoint to_;
  timespan timeout_;
  std::string request_, unsent_;
  std::optional<response_parser> answer_;
  descriptor connection_;
  monotonic next_{}, until_{};  // start of the next attempt; time-out of this one
  bool succeeded_ = false;
  std::string last_ = "nobody answered";
};

}  // namespace banyan
