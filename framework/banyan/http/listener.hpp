// The accepting side of a server; internal to http/ and engines/framed_transport. Everything runs on the thread of its
// context.
//
// It keeps descriptors in reserve: when the process has none left, what waits in the queue is still taken, by giving
// reserved ones up, and when the last is reached each connection is answered 503 and closed. Nobody hangs in a queue
// that is not looked at.
//
// To stop without losing anybody it first lets the kernel drop what would open a new connection (the client's kernel
// tries again a second later), then accepts what is in the queue, and closes when that is empty: closing with
// connections in the queue would reset them.
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
  struct hooks {
    std::function<boost::asio::io_context&()> next_context;         // that will carry the next connection
    std::function<void(boost::asio::ip::tcp::socket)> taken;        // may throw: the connection is then closed
    std::function<void()> turned_away;                              // there was no descriptor for it
  };

  listener(boost::asio::io_context& context, std::size_t reserve, hooks to);
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  boost::system::error_code open(const boost::asio::ip::tcp::endpoint& at);
  std::uint16_t port() const { return port_; }

  void start();
  void on_tick(monotonic now);
  void finish(monotonic now);  // as above; `closed` is true some ticks later
  void close();                // at once
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

// Answers 503 on a socket that nobody will carry, without waiting, and closes it.
void turn_away(int connection);

}  // namespace banyan
