// A thread that runs an io_context; internal to engines/framed_transport.
#pragma once

#include <banyan/core/time.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <optional>
#include <thread>
#include <utility>

namespace banyan::framed {

class io_loop {
 public:
  void start() {
    thread_ = std::thread{[this] { context.run(); }};
  }
  // Returns when no work is left: close sockets and timers before.
  void join() {
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }
  template <class F>
  void post(F f) {
    boost::asio::post(context, std::move(f));
  }

  boost::asio::io_context context{1};

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context.get_executor()};
  std::thread thread_;
};

inline std::int64_t to_microseconds(nanoseconds t) {
  return std::chrono::duration_cast<std::chrono::microseconds>(t).count();
}
inline std::int64_t now_us() { return to_microseconds(system_clock().steady().time_since_epoch()); }

inline boost::asio::steady_timer::time_point timer_time(std::int64_t us) {
  constexpr std::int64_t far = INT64_MAX / 4'000;  // microseconds; fits any clock's nanoseconds
  return boost::asio::steady_timer::time_point{std::chrono::microseconds{us < far ? us : far}};
}

}  // namespace banyan::framed
