// An outgoing connection: opening it, and the calls on it; internal to engines/framed_transport.
#pragma once

#include <banyan/engines/framed_transport/outgoing_call.hpp>
#include <banyan/engines/framed_transport/session_connection.hpp>

#include <memory>
#include <string>

namespace banyan::framed {

class peer;

class caller_connection final : public session_connection<caller_session> {
 public:
  caller_connection(caller_state& state, std::weak_ptr<peer> owner, endpoint to);
  ~caller_connection() override;

  // `host` is a name or an IP address.
  void open(const std::string& host, std::uint16_t port);
  bool is_ready() const { return session_ && session_->ready(); }
  void send(const std::shared_ptr<outgoing_call>& call);
  void cancel(std::uint64_t number);

 private:
  using addresses = boost::asio::ip::tcp::resolver::results_type;
  template <class F>
  auto step(F f);  // wraps a handler so that it is not called after the connection is closed
  void connect(const addresses& found);
  void shake_hands();
  void send_upgrade();
  void read_head();
  void on_head(std::size_t size);
  void fail(std::string text, const char* reason);

  void on_received() override;
  void on_end(const error& why) override;
  std::int64_t next_time() const override;
  void on_time(std::int64_t now) override;

  caller_state& state_;
  const std::weak_ptr<peer> owner_;
  const endpoint to_;
  boost::asio::ip::tcp::resolver resolver_;
  std::string handshake_;  // the upgrade request, then the response received so far
  const std::int64_t open_until_;
  std::int64_t used_;  // time of the last call
  bool was_ready_ = false, was_left_ = false;
};

}  // namespace banyan::framed
