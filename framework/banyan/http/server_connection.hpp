// One connection of a server, from accept to close; internal to http/. Runs on the thread of its loop.
//
//   (handshake ->) idle -> head -> body -> handling -> writing -> idle ...
//                                                         \-> lingering -> closed
//
// A stream of events (event_stream.hpp) alternates between writing and streaming until it lingers.
//
// Each phase has one deadline, checked by the loop's tick, so that a request sets and cancels no timer. An exception
// (out of memory) closes this connection only. Reading is in server_connection.cpp, answering in server_answer.cpp, the
// TLS handshake in server_handshake.cpp, streams of events in server_events.cpp.
#pragma once

#include <banyan/http/byte_stream.hpp>
#include <banyan/http/event_stream.hpp>
#include <banyan/http/parser.hpp>
#include <banyan/http/server_state.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <compare>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace banyan {

// A stream of events on a connection; counted as open as long as it exists.
class open_stream {
 public:
  open_stream(std::shared_ptr<event_reader> reader, std::shared_ptr<server_state> state);
  ~open_stream();
  // Null: as many as may be are open.
  static std::unique_ptr<open_stream> begin(std::shared_ptr<event_reader> reader,
                                            const std::shared_ptr<server_state>& state);
  event_reader& reader() { return *reader_; }

 private:
  std::shared_ptr<event_reader> reader_;
  std::shared_ptr<server_state> state_;
};

class server_connection : public std::enable_shared_from_this<server_connection> {
 public:
  server_connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<server_loop> loop, std::shared_ptr<server_state> state);
  ~server_connection();

  void start();
  void start_refusing();  // answers 503 and closes
  void on_tick(monotonic now);
  void close();
  // The order in which connections are closed in favour of a new one; of the same kind the one that has waited
  // longest. Nothing: the request is in the handler, or the connection has been idle for less than drain_quiet.
  enum class spare_kind : std::uint8_t {
    never_asked,  // without a byte of a request yet
    kept_alive,   // between requests
    stuck,        // in a request that does not end, or a response that is not read
  };
  struct spare_rank {
    spare_kind kind{};
    monotonic since{};
    friend auto operator<=>(const spare_rank&, const spare_rank&) = default;
  };
  std::optional<spare_rank> rank_as_spare(monotonic now) const;
  bool more_has_come() const;
  void answer(std::uint64_t request, result<http_response> response);

 private:
  enum class phase : std::uint8_t { handshake, idle, head, body, handling, writing, streaming, lingering, closed };

  template <class F>
  void guarded(F&& act) noexcept;
  monotonic now() const { return state_->clock->steady(); }

  void enter();  // the loop's list
  void uncount();
  void move_to(phase next, nanoseconds time);
  void begin_tls();
  void on_handshake(const boost::system::error_code& ec);
  void read();
  void on_read(const boost::system::error_code& ec, std::size_t n);
  void advance();
  bool body_has_room();
  std::optional<http_response> answer_by_head() const;
  void say_continue();
  void handle();
  void call_handler(http_request request, bool with_slot);
  void watch_client();
  bool is_draining() const { return state_->draining.load(std::memory_order_acquire); }
  void end_idle_in_drain(monotonic now);

  void refuse(int status, error why);
  void end_with(http_response response);  // response to a request that is not read completely
  void respond(http_response response);
  void write();
  void write_after_pause();
  void on_written();
  void leave_unanswered(bool by_reset);
  void check_stall(monotonic now);
  void linger();
  void discard();

  http_response begin_stream(http_response response);
  void next_events();
  void wake();
  void send_heartbeat();
  void write_events(std::string events);
  void end_stream();

  byte_stream stream_;
  std::weak_ptr<server_loop> owner_;  // for completions; weak, because the loop owns the connection
  server_loop& loop_;
  std::shared_ptr<server_state> state_;
  std::list<std::shared_ptr<server_connection>>::iterator place_;
  request_parser parser_;
  budget_share body_share_;
  budget_share answer_share_;
  std::shared_ptr<cancellation> cancel_;  // cancels the request in the handler
  std::string peer_;
  tls_peer_ptr client_;  // verified
  std::string allowed_host_;  // of the last request that was not misdirected
  std::string head_;  // head of the response being written
  std::string body_;
  std::size_t sent_ = 0;  // bytes of head and body
  std::size_t piece_ = 0;  // of a body that is sent slowly: bytes at a time; else 0
  std::optional<boost::asio::steady_timer> next_piece_;
  timespan between_pieces_{};
  std::optional<result<http_response>> early_answer_;
  std::unique_ptr<open_stream> events_;  // the response is a stream of events
  monotonic deadline_{};
  monotonic since_{};  // begin of the phase, or the client's last progress
  std::uint64_t request_ = 0;  // number of the current request on this connection
  phase phase_ = phase::closed;
  bool counted_ = false;  // counted as open
  bool keep_alive_ = true;
  bool to_head_ = false;
  bool to_v1_0_ = false;
  bool reading_ = false;
  bool saying_continue_ = false;
  bool peer_finished_ = false;
  bool asked_ = false;  // a 100 Continue was sent to probe a half-closed client
  bool in_handler_ = false;
};

// An exception in `act` closes the connection.
template <class F>
void server_connection::guarded(F&& act) noexcept {
  try {
    act();
  } catch (...) {
    count(state_->server_failures);
    try {
      close();
    } catch (...) {  // the next tick retries
      deadline_ = monotonic{};
    }
  }
}

}  // namespace banyan
