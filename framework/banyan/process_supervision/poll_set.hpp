// One iteration of an event loop on poll(2). What to wait for is given anew each time, so nothing stays registered.
//
//   poll_set turn;
//   turn.on(socket, POLLIN, [&] { read(); });
//   turn.at_latest(deadline);
//   turn.wait(system_clock());     // calls the ready handlers; returns at the deadline
#pragma once

#include <banyan/core/time.hpp>

#include <functional>
#include <optional>
#include <vector>

#include <poll.h>

namespace banyan {

class poll_set {
 public:
  void on(int fd, short events, std::function<void()> then) {
    fds_.push_back({.fd = fd, .events = events, .revents = 0});
    then_.push_back(std::move(then));
  }
  void at_latest(monotonic t) {
    if (!latest_ || t < *latest_) latest_ = t;
  }
  void at_latest(const std::optional<monotonic>& t) {
    if (t) at_latest(*t);
  }
  void wait(const clock& time);

 private:
  std::vector<pollfd> fds_;
  std::vector<std::function<void()>> then_;
  std::optional<monotonic> latest_;
};

}  // namespace banyan
