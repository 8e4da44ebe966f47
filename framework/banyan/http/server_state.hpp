// What the parts of one server share; internal to http/. A `server_loop` is one I/O thread with the connections it carries, touched by that
// thread only. `server_state` is shared by all threads.
#pragma once

#include <banyan/http/server.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace banyan {

using counter = std::atomic<std::uint64_t>;

inline void count(counter& c, std::uint64_t n = 1) { c.fetch_add(n, std::memory_order_relaxed); }

struct server_state {
  http_server_options options;
  http_handler handler;
  std::atomic<bool> draining{false};
  std::atomic<bool> stopping{false};

  counter connections{0}, connections_refused{0}, connections_open{0};
  counter requests{0}, requests_refused{0}, requests_in_flight{0};
  counter malformed{0}, read_timeouts{0}, handler_timeouts{0}, write_timeouts{0}, idle_closed{0}, handler_failures{0}, late_answers{0};
  counter responses[6]{};  // by hundreds of the status
  counter bytes_in{0}, bytes_out{0};
};

class server_connection;

struct server_loop {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  boost::asio::steady_timer tick{context};
  std::list<std::shared_ptr<server_connection>> connections;
  std::string date;  // for the Date field, renewed by the tick
  std::thread thread;
};

}  // namespace banyan
