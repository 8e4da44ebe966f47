// The accepting side of a server; internal to http/ and engines/framed_transport. Runs on the thread of its
// io_context.
//
// It keeps file descriptors in reserve. When the process has none left, waiting connections are still accepted with
// reserved ones; the last one is used to answer each further connection 503 and close it, so that no client waits in
// a queue that is not read.
//
// To stop without losing a connection it first lets the kernel drop new SYN packets (the client's kernel retries a
// second later), then accepts what is in the queue, and closes when that is empty: closing earlier would reset the
// queued connections.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/core/time.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace banyan {

class listener {
 public:
  // How connections that are not served are told.
  enum class refusal : std::uint8_t { status_503, silent };  // silent: closed, for the client expects TLS

  struct hooks {
    std::function<boost::asio::io_context&()> next_context;         // the context for the next connection
    // A connection was accepted; may throw: it is then closed.
    std::function<void(boost::asio::ip::tcp::socket)> taken;
    std::function<void()> turned_away;  // a connection was answered 503 for want of a descriptor
    refusal by = refusal::status_503;
  };

  listener(boost::asio::io_context& context, std::size_t reserve, hooks to);
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  boost::system::error_code open(const boost::asio::ip::tcp::endpoint& at);
  std::uint16_t port() const { return port_; }

  void start();
  void on_tick(monotonic now);
  void finish(monotonic now);  // stops as described above; `closed` becomes true some ticks later
  void close();                // closes at once
  bool closed() const { return !acceptor_.is_open(); }

 private:
  void wait();
  void accept_some();
  enum class next : std::uint8_t { connection, nothing, trouble };
  next without_descriptor(const boost::system::error_code& ec);
  void pause();
  void refill();

  boost::asio::io_context& context_;
  const std::size_t reserve_;
  hooks to_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::vector<int> spare_;
  std::uint16_t port_ = 0;
  bool on_loopback_ = true;
  bool finishing_ = false;
  monotonic close_at_{};  // while finishing
};

// Closes a socket that will not be served, without blocking; answers 503 before, unless silent.
void turn_away(int connection, listener::refusal by = listener::refusal::status_503);

}  // namespace banyan
