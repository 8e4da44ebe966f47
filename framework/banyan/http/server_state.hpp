// Data shared by the parts of one server; internal to http/. A `server_loop` is one I/O thread with its connections,
// used by that thread only. `server_state` is shared by all threads.
#pragma once

#include <banyan/http/byte_budget.hpp>
#include <banyan/http/host_rules.hpp>
#include <banyan/http/server.hpp>
#include <banyan/tls/server_identity.hpp>

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

// Bodies and responses up to this many bytes always have room: their total is bounded by the number of connections,
// and large ones must not make the server refuse small ones.
inline constexpr std::size_t always_buffered = 16 * 1024;

struct server_state {
  http_server_options options;
  http_handler handler;
  const banyan::clock* clock = &system_clock();
  host_rules hosts;
  std::unique_ptr<tls::server_identity> tls;  // null: plain HTTP
  std::size_t max_connections = 0;
  // Total of unanswered requests: half of the budget, so that bodies leave room for responses.
  std::size_t max_body_bytes = 0;
  std::size_t max_buffered_bytes = 0;
  byte_budget buffered;

  std::atomic<bool> draining{false};
  std::atomic<bool> stopping{false};
  // Set before `draining`: its start, the wait for idle connections, and the time for clients to read their last
  // response.
  std::atomic<monotonic> drain_began{monotonic{}};
  std::atomic<nanoseconds> drain_quiet{nanoseconds{}};
  std::atomic<nanoseconds> drain_linger{nanoseconds::max()};

  counter connections{0}, connections_refused{0}, connections_spared{0}, connections_without_descriptor{0}, connections_open{0};
  counter requests{0}, requests_refused{0}, requests_in_flight{0}, misdirected{0}, cancelled{0};
  counter bodies_refused{0}, answers_refused{0}, server_failures{0};
  counter event_streams{0}, event_streams_refused{0};
  counter malformed{0}, read_timeouts{0}, handler_timeouts{0}, write_timeouts{0}, idle_closed{0}, handler_failures{0}, late_answers{0};
  counter handshakes{0}, handshakes_resumed{0}, handshakes_failed{0}, handshake_timeouts{0}, plain_on_tls{0};
  counter tls_reloads{0}, tls_reloads_failed{0};
  counter responses[6]{};  // by status / 100
  counter bytes_in{0}, bytes_out{0};
};

class server_connection;

struct server_loop {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  boost::asio::steady_timer tick{context};
  std::list<std::shared_ptr<server_connection>> connections;
  std::string date;  // value of the Date field, updated by the tick
  std::thread thread;
};

}  // namespace banyan
