// One connection of a server, from accept to close; internal to http/. Every function runs on the thread of its loop.
//
//   idle -> head -> body -> handling -> writing -> idle ...
//                                          \-> lingering -> closed
//
// Each phase has one deadline, checked by the loop's tick: no timer per connection is set or cancelled on the way of a request.
#pragma once

#include <banyan/http/parser.hpp>
#include <banyan/http/server_state.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace banyan {

class server_connection : public std::enable_shared_from_this<server_connection> {
 public:
  server_connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<server_loop> loop, std::shared_ptr<server_state> state);

  void start();
  void start_refusing();  // answers 503 and closes
  void on_tick(monotonic now);
  void drain();
  void close();
  void answer(std::uint64_t request, result<http_response> response);

 private:
  enum class phase : std::uint8_t { idle, head, body, handling, writing, lingering, closed };

  void enter();  // the loop's list
  void move_to(phase next, timespan time);
  void read();
  void on_read(const boost::system::error_code& ec, std::size_t n);
  void advance();
  void say_continue();
  void handle();
  void refuse(int status, error why);
  void respond(http_response response);
  void on_written(const boost::system::error_code& ec);
  void linger();
  void discard();

  boost::asio::ip::tcp::socket socket_;
  std::weak_ptr<server_loop> owner_;  // for completions, which must keep the loop's memory; weak, as the loop holds us
  server_loop& loop_;
  std::shared_ptr<server_state> state_;
  std::list<std::shared_ptr<server_connection>>::iterator place_;
  request_parser parser_;
  std::string peer_;
  std::string head_;  // of the response being written
  std::string body_;
  std::optional<result<http_response>> early_answer_;
  monotonic deadline_{};
  std::uint64_t request_ = 0;  // number of the one under way on this connection
  phase phase_ = phase::closed;
  bool keep_alive_ = true;
  bool to_head_ = false;
  bool reading_ = false;
  bool saying_continue_ = false;
  bool peer_finished_ = false;
  bool in_handler_ = false;
};

}  // namespace banyan
