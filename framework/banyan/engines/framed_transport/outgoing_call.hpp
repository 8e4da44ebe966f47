// A call to another node, and the state shared by all calls of a transport; internal to engines/framed_transport.
#pragma once

#include <banyan/engines/framed_transport/framed_transport.hpp>
#include <banyan/engines/framed_transport/io_loop.hpp>

#include <banyan/framed_protocol/caller_session.hpp>
#include <banyan/transport/encoded_call.hpp>

#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <memory>
#include <string>

namespace banyan::framed {

struct caller_metrics {
  explicit caller_metrics(metrics_registry& r);
  void failed(const error& why);  // counts the transport's own errors

  metrics_registry& registry;
  counter calls, connections_opened;
  gauge connections;
};

// The state of a transport; outlives the thread of its loop.
struct caller_state {
  caller_state(framed_transport_options o, std::shared_ptr<boost::asio::ssl::context> t, metrics_registry& r)
      : options{std::move(o)}, tls{std::move(t)}, metrics{r} {}

  const framed_transport_options options;
  const std::shared_ptr<boost::asio::ssl::context> tls;  // null: no TLS
  caller_metrics metrics;
  std::atomic<std::size_t> under_way{0};
  io_loop loop;
};

class caller_connection;

struct outgoing_call {
  outgoing_call(caller_state& s, endpoint node, const operation& w, encoded_call c, monotonic until,
                completion<remote_answer> a)
      : state{s}, to{std::move(node)}, what{w}, call{std::move(c)}, deadline{until}, answer{std::move(a)} {}

  // Completes the call; exactly once.
  void finish(result<framed::answer> with);

  caller_state& state;
  const endpoint to;
  const operation what;  // a copy: the caller may have gone before the answer is decoded
  encoded_call call;
  const monotonic deadline;
  completion<remote_answer> answer;
  std::atomic<bool> settled{false};  // by finish(), or by the attempt's destructor: then finish() answers "cancelled"

  // On the loop's thread only: the connection that carries the call, and the call's number on it.
  std::weak_ptr<caller_connection> connection;
  std::uint64_t number = 0;
};

inline error cancelled(outcome known) {
  return error{code::deadline_exceeded, "the call was given up", known}.because("cancelled");
}

}  // namespace banyan::framed
