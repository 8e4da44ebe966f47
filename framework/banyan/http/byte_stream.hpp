// A TCP socket, optionally with TLS; internal to http/. Without TLS each operation is that of Asio on the socket.
// Completions are called as f(error_code, bytes), never within the call. With TLS, `asio::error::eof` means that the
// other side has announced its end; any other failure is told by tls()->failure().
//
// The completion holds what keeps this object alive. At most one read and one write at a time.
#pragma once

#include <banyan/tls/session.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include <sys/socket.h>

namespace banyan {

class byte_stream {
 public:
  using parts = std::array<boost::asio::const_buffer, 2>;

  explicit byte_stream(boost::asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  const boost::asio::ip::tcp::socket& socket() const { return socket_; }
  tls::session* tls() const { return tls_.get(); }  // null: plain
  void begin_tls(std::unique_ptr<tls::session> session) { tls_ = std::move(session); }
  void be_plain() { tls_ = nullptr; }

  template <class F>
  void handshake(F f) {
    attempt([this] { return tls_->handshake(); }, std::move(f), true);
  }
  template <class F>
  void read_some(boost::asio::mutable_buffer into, F f) {
    if (!tls_) return socket_.async_read_some(into, std::move(f));
    const std::span<char> room{static_cast<char*>(into.data()), into.size()};
    attempt([this, room] { return tls_->read(room); }, std::move(f), true);
  }
  template <class F>
  void write_some(const parts& from, F f) {
    if (!tls_) return socket_.async_write_some(from, std::move(f));
    attempt([this, from] { return tls_->write(first_of(from)); }, std::move(f), true);
  }
  template <class F>
  void write_all(const parts& from, F f) {
    if (!tls_) return boost::asio::async_write(socket_, from, std::move(f));
    write_rest(from, 0, std::move(f));
  }

  // A few bytes that fit the socket's buffer, while nothing else is being written; false: they were not taken.
  bool send_now(std::string_view bytes) {
    if (tls_) return tls_->write(bytes).next == tls::step::done;
    const auto sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(bytes.size());
  }
  bool has_more() const {  // bytes have come and are not read
    boost::system::error_code ec;
    return (tls_ && tls_->has_more()) || (socket_.available(ec) > 0 && !ec);
  }
  void finish() {  // sends no more
    if (tls_) tls_->close_notify();
    boost::system::error_code ignored;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }
  void close() {
    if (tls_ && socket_.is_open()) tls_->close_notify();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  // `act` until it need not wait. The session has the descriptor's number, which may be another file's after a close.
  template <class Act, class F>
  void attempt(Act act, F f, bool at_once) {
    using wait = boost::asio::ip::tcp::socket::wait_type;
    if (!socket_.is_open()) return complete(std::move(f), boost::asio::error::operation_aborted, 0, at_once);
    const auto p = act();
    if (p.next == tls::step::readable || p.next == tls::step::writable)
      return socket_.async_wait(
          p.next == tls::step::readable ? wait::wait_read : wait::wait_write,
          [this, act = std::move(act), f = std::move(f)](const boost::system::error_code& ec) mutable {
            if (ec) return f(ec, std::size_t{0});
            attempt(std::move(act), std::move(f), false);
          });
    boost::system::error_code ec;
    if (p.next == tls::step::closed) ec = boost::asio::error::eof;
    if (p.next == tls::step::failed) ec = boost::asio::error::connection_aborted;
    complete(std::move(f), ec, p.bytes, at_once);
  }
  template <class F>
  void complete(F f, boost::system::error_code ec, std::size_t n, bool later) {
    if (!later) return f(ec, n);
    boost::asio::post(socket_.get_executor(), [f = std::move(f), ec, n]() mutable { f(ec, n); });
  }
  template <class F>
  void write_rest(const parts& from, std::size_t sent, F f) {
    write_some(from, [this, from, sent, f = std::move(f)](const boost::system::error_code& ec, std::size_t n) mutable {
      const parts rest{from[0] + n, from[1] + (n - std::min(n, from[0].size()))};
      if (ec || rest[0].size() + rest[1].size() == 0) return f(ec, sent + n);
      write_rest(rest, sent + n, std::move(f));
    });
  }

  // At most one record. A short head goes into one record with the begin of its body.
  static std::span<const char> first_of(const parts& from) {
    static thread_local std::array<char, 16 * 1024> together;
    const auto* head = static_cast<const char*>(from[0].data());
    const auto* body = static_cast<const char*>(from[1].data());
    if (from[0].size() == 0) return {body, std::min(from[1].size(), together.size())};
    if (from[1].size() == 0 || from[0].size() >= together.size())
      return {head, std::min(from[0].size(), together.size())};
    const auto more = std::min(from[1].size(), together.size() - from[0].size());
    std::memcpy(together.data(), head, from[0].size());
    std::memcpy(together.data() + from[0].size(), body, more);
    return {together.data(), from[0].size() + more};
  }

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<tls::session> tls_;
};

}  // namespace banyan
