// The port `transport` over TCP: one connection to each node that is called, TLS 1.3 with certificates on both sides,
// many calls at a time on it. The wire format is in framework/TRANSPORT.md; the other side is call_listener.hpp.
//
//   auto calls = make_framed_transport({.identity = {"shop", "front-1", tls}}, metrics);   // one for a node
//   if (!calls) return calls.error();                                    // a file does not read, a limit is wrong
//   auto attempt = (*calls)->send({"stock-1", "10.0.0.7:7000"}, what, request, deadline, std::move(answer));
//   attempt.reset();                                                     // the other node is told
//
// A connection is opened by the first call, and goes on being opened when that call has ended; it is kept, and closed
// when nobody has called for `idle_after`. After a failure the next attempt waits (back-off with jitter); calls
// meanwhile are refused at once. Answers are told on the transport's one thread, some before send() returns: be quick
// there, and do not destroy the transport there.
//
// The transport's own errors, and what they say of the outcome:
//   unavailable        no connection: "connection_refused", "connect_failed", "connect_timeout", "host_not_found",
//                      "certificate_refused", "not_accepted", "version_refused", "handshake_failed"; "closing": not
//                      applied
//   unavailable        "connection_lost", "peer_silent": unknown if all of the request had left, else not applied
//   exhausted          "too_many_calls" (the other node owes max_calls answers, too many calls wait for a connection,
//                      or are under way in all), "send_queue_full": not applied. Balance elsewhere, do not wait here
//   deadline_exceeded  as connection_lost; with reason "cancelled" for a call that was given up
//   invalid_argument   "plaintext" (no TLS, and the address is not of this machine), "message_too_large",
//                      "head_too_large", a wrong address: not applied
//
// It neither retries, nor balances, nor breaks circuits. Do not use it inside one process: the directory's address is
// faster. Do not send files: a message is in memory as a whole.
#pragma once

#include <banyan/core/backoff.hpp>
#include <banyan/engines/framed_transport/framed_options.hpp>
#include <banyan/observability/metrics.hpp>
#include <banyan/transport/transport.hpp>

#include <memory>

namespace banyan {

struct framed_transport_options {
  framed_identity identity = {};
  framed_limits limits = {};
  timespan connect_timeout = std::chrono::seconds{2};  // of a connection (to its hello), not of a call
  timespan idle_after = std::chrono::minutes{5};
  backoff_policy reconnect = {.max = std::chrono::seconds{5}};
  std::size_t max_waiting = 256;       // calls to one node while its connection is being opened
  std::size_t max_endpoints = 256;     // unused ones make room
  std::size_t max_under_way = 10'000;  // calls in all
};

// `metrics` must outlive it. The destructor ends what is under way, and waits for a name lookup that has begun. Errors:
// invalid_argument, with the option's name as field.
result<std::shared_ptr<transport>> make_framed_transport(framed_transport_options options, metrics_registry& metrics);

}  // namespace banyan
