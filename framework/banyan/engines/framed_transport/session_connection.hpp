// The I/O of a framed_protocol/ session, for both ends of a connection; internal to engines/framed_transport.
// Everything runs on its loop's thread.
#pragma once

#include <banyan/engines/framed_transport/byte_stream.hpp>
#include <banyan/engines/framed_transport/io_loop.hpp>

#include <banyan/framed_protocol/caller_session.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace banyan::framed {

inline hello hello_of(const framed_identity& identity, const framed_limits& limits) {
  return {.max_message = limits.max_message, .max_calls = limits.max_calls, .node = identity.node};
}
inline session_options session_options_of(const framed_limits& limits) {
  return {.max_queued = limits.max_queued,
          .ping_interval = to_microseconds(limits.ping_after.count()),
          .silence_limit = to_microseconds(limits.lost_after.count())};
}
inline error connection_lost(const boost::system::error_code& ec) {
  return error{code::unavailable, ec.message()}.because("connection_lost");
}

template <class Session>
class session_connection : public std::enable_shared_from_this<session_connection<Session>> {
 public:
  session_connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls)
      : stream_{std::move(socket), std::move(tls)}, timer_{stream_.socket().get_executor()} {}
  virtual ~session_connection() = default;
  session_connection(const session_connection&) = delete;
  session_connection& operator=(const session_connection&) = delete;

  // Closes the connection; open calls end.
  void end(error why) {
    const auto self = this->shared_from_this();
    if (std::exchange(closed_, true)) return;
    timer_.cancel();
    stream_.close();
    if (session_) session_->lost(why);
    on_end(why);
  }

 protected:
  virtual void on_received() = 0;
  virtual void on_end(const error& why) = 0;
  virtual bool may_read() const { return true; }
  // The time of the next on_time() call, in microseconds; and the timer handler.
  virtual std::int64_t next_time() const { return session_ ? session_->next_time() : no_deadline; }
  virtual void on_time(std::int64_t now) {
    if (!session_) return;
    session_->on_time(now);
    if (session_->fault()) end(*session_->fault());
  }

  // Called after the handshake; `early` are bytes received after it.
  void begin(const hello& mine, const session_options& options, std::string_view early) {
    session_.emplace(mine, options, now_us());
    if (!early.empty()) {
      const auto room = session_->prepare(early.size());
      std::copy(early.begin(), early.end(), room.begin());
      received(early.size());
    }
    flush();
    read();
    schedule();
  }

  void flush() {
    if (writing_ || closed_ || !session_ || !session_->has_output()) return;
    out_.clear();
    session_->take_output(out_, written_at_once);
    writing_ = true;
    stream_.write(out_, [self = this->shared_from_this(), this](const boost::system::error_code& ec, std::size_t) {
      writing_ = false;
      if (closed_) return;
      if (ec) return end(connection_lost(ec));
      flush();
      read();
    });
  }
  // Coalesces writes: output added until the loop runs this is written together.
  void flush_soon() {
    if (std::exchange(flush_is_due_, true)) return;
    boost::asio::post(stream_.socket().get_executor(), [self = this->shared_from_this(), this] {
      flush_is_due_ = false;
      flush();
    });
  }
  void schedule() {
    const auto at = next_time();
    if (closed_ || at >= scheduled_) return;
    scheduled_ = at;
    timer_.expires_at(timer_time(at));
    timer_.async_wait([self = this->weak_from_this(), this](const boost::system::error_code& ec) {
      const auto alive = self.lock();
      if (ec || !alive || closed_) return;
      scheduled_ = no_deadline;
      on_time(now_us());
      flush();
      schedule();
    });
  }

  byte_stream stream_;
  std::optional<Session> session_;
  bool closed_ = false;

 private:
  // Bytes per write: a small message waits for no more of a large one.
  static constexpr std::size_t written_at_once = 16 * 1024;
  static constexpr std::size_t read_at_once = 32 * 1024;

  void read() {
    if (closed_ || reading_ || !may_read()) return;
    reading_ = true;
    stream_.read_some(session_->prepare(read_at_once),
                      [self = this->shared_from_this(), this](const boost::system::error_code& ec, std::size_t n) {
                        reading_ = false;
                        if (closed_) return;
                        if (ec) return end(connection_lost(ec));
                        received(n);
                        read();
                      });
  }
  void received(std::size_t n) {
    session_->received(n, now_us());
    if (session_->fault()) return end(*session_->fault());
    on_received();
    flush();
    schedule();
  }

  boost::asio::steady_timer timer_;
  std::int64_t scheduled_ = no_deadline;
  std::string out_;
  bool writing_ = false, reading_ = false, flush_is_due_ = false;
};

}  // namespace banyan::framed
