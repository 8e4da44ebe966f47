// A node that is called: its connection, when to open it, and the calls waiting for it; internal to
// engines/framed_transport. Used on the loop's thread only.
#pragma once

#include <banyan/engines/framed_transport/caller_connection.hpp>

#include <deque>
#include <memory>

namespace banyan::framed {

class peer : public std::enable_shared_from_this<peer> {
 public:
  peer(caller_state& state, endpoint to, std::string host, std::uint16_t port);

  void submit(std::shared_ptr<outgoing_call> call);
  void give_up(const std::shared_ptr<outgoing_call>& call);
  void close(const error& why);  // all its connections; ends all calls
  bool is_unused() const { return waiting_.empty() && open_ == 0; }

  // Called by its connections.
  void on_ready(caller_connection& connection);
  void on_left(caller_connection& connection);  // draining: refuses new calls, answers the open ones
  void on_end(caller_connection& connection, const error& why);

 private:
  void open();
  void fail_waiting(const error& why);
  void expire_waiting();
  void schedule();

  caller_state& state_;
  const endpoint to_;
  const std::string host_;
  const std::uint16_t port_;
  std::shared_ptr<caller_connection> connection_;  // being opened, or ready
  std::vector<std::shared_ptr<caller_connection>> leaving_;
  std::size_t open_ = 0;
  std::deque<std::shared_ptr<outgoing_call>> waiting_;
  backoff backoff_;
  monotonic retry_at_ = monotonic::min();
  error last_failure_;
  boost::asio::steady_timer timer_;  // for the deadlines of waiting calls
};

}  // namespace banyan::framed
