// One connection of a server, from accept to close; internal to http/. Every function runs on the thread of its loop.
//
//   idle -> head -> body -> handling -> writing -> idle ...
//                                          \-> lingering -> closed
//
// Each phase has one deadline, checked by the loop's tick: no timer per connection is set or cancelled on the way of a request. An exception
// on the way (there is no memory) closes this connection and nothing else. Reading is in server_connection.cpp, answering in
// server_answer.cpp.
#pragma once

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

class server_connection : public std::enable_shared_from_this<server_connection> {
 public:
  server_connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<server_loop> loop, std::shared_ptr<server_state> state);
  ~server_connection();

  void start();
  void start_refusing();  // answers 503 and closes
  void on_tick(monotonic now);
  void close();
  // How readily it is closed for a new connection, least first; of the same kind the one that has waited longest. Nothing: its request is
  // with the handler, or it has been waited for for less than drain_quiet.
  enum class spare_kind : std::uint8_t {
    never_asked,  // without a byte of a request yet
    kept_alive,   // between requests
    stuck,        // in the middle of a request that does not end, or of an answer that is not taken
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
  enum class phase : std::uint8_t { idle, head, body, handling, writing, lingering, closed };

  template <class F>
  void guarded(F&& act) noexcept;
  monotonic now() const { return state_->clock->steady(); }

  void enter();  // the loop's list
  void uncount();
  void move_to(phase next, nanoseconds time);
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
  void end_with(http_response response);  // of a request that is not read to its end
  void respond(http_response response);
  void write();
  void on_written();
  void check_stall(monotonic now);
  void linger();
  void discard();

  boost::asio::ip::tcp::socket socket_;
  std::weak_ptr<server_loop> owner_;  // for completions, which must keep the loop's memory; weak, as the loop holds us
  server_loop& loop_;
  std::shared_ptr<server_state> state_;
  std::list<std::shared_ptr<server_connection>>::iterator place_;
  request_parser parser_;
  budget_share body_share_;
  budget_share answer_share_;
  std::shared_ptr<cancellation> cancel_;  // of the request in the handler
  std::string peer_;
  std::string head_;  // of the response being written
  std::string body_;
  std::size_t sent_ = 0;  // of both
  std::optional<result<http_response>> early_answer_;
  monotonic deadline_{};
  monotonic since_{};  // the phase, or the last byte that the client took
  std::uint64_t request_ = 0;  // number of the one under way on this connection
  phase phase_ = phase::closed;
  bool counted_ = false;  // among the open ones
  bool keep_alive_ = true;
  bool to_head_ = false;
  bool to_v1_0_ = false;
  bool reading_ = false;
  bool saying_continue_ = false;
  bool peer_finished_ = false;
  bool asked_ = false;  // whether a client that has closed its sending side is still there
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
    } catch (...) {  // the tick tries again
      deadline_ = monotonic{};
    }
  }
}

}  // namespace banyan
