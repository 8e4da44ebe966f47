// A connection of the client; internal to http/. One call at a time. A read is always pending, also between calls, to
// notice at once a server that closes an idle connection, and not to miss an answer that arrives before the request is
// written completely.
#pragma once

#include <banyan/http/byte_stream.hpp>
#include <banyan/http/client_endpoint.hpp>
#include <banyan/http/parser.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace banyan {

class client_connection : public std::enable_shared_from_this<client_connection> {
 public:
  client_connection(boost::asio::io_context& context, client_state& state, client_endpoint& endpoint);

  void open(std::shared_ptr<client_call> call);
  void carry(std::shared_ptr<client_call> call);
  void close(std::shared_ptr<client_call> unanswered = nullptr);
  void abandon();       // the client is closing
  void give_up_call();  // its call has expired: closes, unless it is still being opened
  void close_if_overdue(monotonic now);

  bool is_spare() const { return opening_ && !call_; }

 private:
  void connect(const boost::asio::ip::tcp::resolver::results_type& addresses);
  void on_connected();
  void on_handshake(const boost::system::error_code& ec);
  void on_open();
  void on_open_failed(const boost::system::error_code& ec, bool looking_up);
  void become_free();
  void read();
  void on_read(const boost::system::error_code& ec, std::size_t n);
  void on_lost();
  void complete_after_write();
  void complete(bool open);
  void fail(error why);
  void fail_by_tls();

  client_state& state_;
  client_endpoint& endpoint_;
  boost::asio::ip::tcp::resolver resolver_;
  byte_stream stream_;
  response_parser parser_;
  std::shared_ptr<client_call> call_;
  monotonic since_;  // start of being opened, or idle
  bool opening_ = true;
  bool closed_ = false;
  bool was_idle_ = false;  // if true, the server may have closed it meanwhile
  bool written_ = false;  // the request of call_ is written completely
};

}  // namespace banyan
