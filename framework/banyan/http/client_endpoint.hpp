// The connection pool of one scheme and authority, and the calls waiting for a connection; internal to http/.
// Everything runs on the client's I/O thread.
#pragma once

#include <banyan/http/authority.hpp>
#include <banyan/http/client.hpp>
#include <banyan/http/client_tls.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

class client_connection;
class client_endpoint;

struct client_state {
  explicit client_state(http_client_options o) : options{std::move(o)}, tls{options.tls} {}

  const http_client_options options;
  client_tls tls;
  std::atomic<std::uint64_t> calls{0}, calls_open{0}, answered{0}, failed{0}, timed_out{0}, resent{0}, connections_opened{0},
      connections_open{0};
  std::atomic<std::uint64_t> handshakes{0}, handshakes_resumed{0}, handshakes_failed{0};
};

struct client_call {
  client_call(boost::asio::io_context& context, client_state& s, http_request r, monotonic d, completion<http_response> c)
      : state{s}, request{std::move(r)}, deadline{d}, done{std::move(c)}, timer{context} {}

  client_state& state;
  http_request request;
  std::string head;
  monotonic deadline;
  completion<http_response> done;  // empty once answered
  boost::asio::steady_timer timer;
  client_endpoint* endpoint = nullptr;  // set when submitted to it; exists until the call is answered
  client_connection* connection = nullptr;
  bool given_up = false;       // before it was submitted
  bool may_have_left = false;  // bytes of this attempt may have reached the server
  bool left_earlier = false;   // ... of an earlier attempt
  bool resent = false;

  void answer(result<http_response> r);
  outcome effect() const { return may_have_left || left_earlier ? outcome::unknown : outcome::not_applied; }
};

class client_endpoint {
 public:
  client_endpoint(boost::asio::io_context& context, client_state& state, std::string host, std::uint16_t port,
                  bool https)
      : context_{context}, state_{state}, host_{std::move(host)}, port_{port}, https_{https} {}

  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  bool https() const { return https_; }
  std::string name() const { return to_authority(host_, port_); }

  void submit(std::shared_ptr<client_call> call);
  void expire(const std::shared_ptr<client_call>& call);
  void give_up(const std::shared_ptr<client_call>& call);  // by its caller
  static error given_up(const client_call& call);
  void close_overdue(monotonic now);  // idle, or being opened, for too long
  void close_all();
  bool unused() const { return all_.empty() && waiting_.empty(); }

  // Called by a connection that can carry a call.
  void on_free(client_connection& connection);
  // Called by a closed connection. `unanswered` is a call to be sent again, or null.
  void on_closed(client_connection& connection, std::shared_ptr<client_call> unanswered);

 private:
  void drop(const std::shared_ptr<client_call>& call);
  void open_for(std::shared_ptr<client_call> call);
  std::shared_ptr<client_call> next_waiting();
  std::size_t count_spare() const;

  boost::asio::io_context& context_;
  client_state& state_;
  std::string host_;
  std::uint16_t port_;
  bool https_;
  std::list<std::shared_ptr<client_connection>> all_;
  std::vector<client_connection*> idle_;  // most recently used last; used in LIFO order
  std::deque<std::shared_ptr<client_call>> waiting_;
};

}  // namespace banyan
