// A TCP stream, optionally with TLS; internal to engines/framed_transport.
#pragma once

#include <banyan/engines/framed_transport/tls_context.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <netinet/tcp.h>

namespace banyan::framed {

class byte_stream {
 public:
  byte_stream(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls)
      : socket_{std::move(socket)}, context_{std::move(tls)} {
    if (context_) tls_.emplace(socket_, *context_);
  }

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  bool is_encrypted() const { return tls_.has_value(); }

  // Called once connected. Limits unsent data in the kernel to 32 KiB, so that a small message is not queued there
  // behind a large one.
  void set_options() {
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
    const int waiting = 32 * 1024;
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &waiting, sizeof waiting);
  }

  // `f` is called asynchronously, also without TLS.
  template <class F>
  void handshake(boost::asio::ssl::stream_base::handshake_type side, F f) {
    if (tls_) return tls_->async_handshake(side, std::move(f));
    boost::asio::post(socket_.get_executor(), [f = std::move(f)]() mutable { f(boost::system::error_code{}); });
  }
  template <class F>
  void read_some(std::span<char> into, F f) {
    const auto room = boost::asio::buffer(into.data(), into.size());
    tls_ ? tls_->async_read_some(room, std::move(f)) : socket_.async_read_some(room, std::move(f));
  }
  template <class F>
  void write(std::string_view bytes, F f) {
    const auto all = boost::asio::buffer(bytes.data(), bytes.size());
    tls_ ? boost::asio::async_write(*tls_, all, std::move(f)) : boost::asio::async_write(socket_, all, std::move(f));
  }
  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  std::vector<std::string> peer_nodes(std::string_view application) {
    return tls_ ? nodes_of_certificate(tls_->native_handle(), application) : std::vector<std::string>{};
  }

 private:
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

}  // namespace banyan::framed
