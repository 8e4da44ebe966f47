// Functions that are called later, on one thread of their own: for answers that a fault delays, and for retries.
//
//   delays later;
//   later.after(80ms, [done = std::move(done)]() mutable { done(answer); });
//
// What waits at the end is destroyed uncalled. Bounded by its callers: an answer by the server's limit of requests.
#pragma once

#include <banyan/core/time.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <thread>
#include <utility>

namespace acquirer {

class delays {
 public:
  delays() : thread_{[this] { context_.run(); }} {}
  ~delays() { close(); }

  // Thread-safe.
  template <class F>
  void after(banyan::timespan wait, F call) {
    auto timer = std::make_shared<boost::asio::steady_timer>(context_, wait.count());
    timer->async_wait([timer, call = std::move(call)](const boost::system::error_code& failure) mutable {
      if (!failure) call();
    });
  }
  void close() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace acquirer
