// An accepted connection: its handshake, and the calls received on it; internal to engines/framed_transport.
#pragma once

#include <banyan/engines/framed_transport/call_listener.hpp>
#include <banyan/engines/framed_transport/session_connection.hpp>

#include <banyan/framed_protocol/callee_session.hpp>
#include <banyan/http/parser.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace banyan::framed {

class callee_connection;

struct callee_metrics {
  explicit callee_metrics(metrics_registry& r);
  void refused(const char* reason);

  metrics_registry& registry;
  counter calls, expired;
  gauge connections;
};

// The state of a listener; outlives the thread of its loop. Used on that thread only.
struct callee_state {
  callee_state(call_listener_options o, call_handler h, std::shared_ptr<boost::asio::ssl::context> t,
               metrics_registry& r)
      : options{std::move(o)}, handler{std::move(h)}, tls{std::move(t)}, metrics{r} {}

  const call_listener_options options;
  const call_handler handler;
  const std::shared_ptr<boost::asio::ssl::context> tls;
  callee_metrics metrics;
  // Shared with answers that may come after the listener's end.
  const std::shared_ptr<io_loop> loop = std::make_shared<io_loop>();
  bool draining = false;
  std::function<void(callee_connection&)> ended;  // called last by a connection
};

class callee_connection final : public session_connection<callee_session> {
 public:
  callee_connection(boost::asio::ip::tcp::socket socket, callee_state& state);

  void start();
  void drain();  // no new calls; ends when accepted calls are answered and the caller has disconnected

 private:
  template <class F>
  auto step(F f);
  void read_head();
  void judge();
  void accept();
  void refuse(int status, const char* reason);
  void linger();
  void serve(whole_message request);
  void on_answer(std::uint64_t number, encoded_answer answer);

  void on_received() override;
  void on_end(const error& why) override;
  bool may_read() const override { return session_->reading(); }
  std::int64_t next_time() const override;
  void on_time(std::int64_t now) override;

  callee_state& state_;
  const std::int64_t open_until_;
  request_parser head_;
  std::string response_;
  std::array<char, 4096> nowhere_;
  std::map<std::uint64_t, std::unique_ptr<transport::attempt>> attempts_;
  std::uint64_t expired_ = 0;  // last value reported to the metrics
};

}  // namespace banyan::framed
