// The `transport` port over TCP: one connection to each called node, TLS 1.3 with certificates on both sides, calls
// multiplexed. The wire format is in framework/TRANSPORT.md; the server side is call_listener.hpp.
//
//   auto calls = make_framed_transport({.identity = {"shop", "front-1", tls}}, metrics);   // one per node
//   if (!calls) return calls.error();                                    // an unreadable file, an invalid limit
//   auto attempt = (*calls)->send({"stock-1", "10.0.0.7:7000"}, what, request, deadline, std::move(answer));
//   attempt.reset();                                                     // cancels, and notifies the other node
//
// The first call opens a connection, which continues to open even if that call ends; it is closed after `idle_after`
// without calls. After a failure the next attempt to connect is delayed (back-off with jitter); calls meanwhile are
// refused at once. Completions run on the transport's only thread, some before send() returns: do not block or destroy
// the transport in them.
//
// The transport's own errors, and their outcomes:
//   unavailable        no connection: "connection_refused", "connect_failed", "connect_timeout", "host_not_found",
//                      "certificate_refused", "not_accepted", "version_refused", "handshake_failed"; "closing": not
//                      applied
//   unavailable        "connection_lost", "peer_silent": unknown if the whole request was sent, else not applied
//   exhausted          "too_many_calls" (max_calls are open at the other node, too many wait for a connection, or are
//                      open in all), "send_queue_full": not applied. Balance elsewhere, do not wait here
//   deadline_exceeded  as connection_lost; with reason "cancelled" for a cancelled call
//   invalid_argument   "plaintext" (no TLS, and the address is not loopback), "message_too_large", "head_too_large", a
//                      malformed address: not applied
//
// No retries, no load balancing, no circuit breaker. Not for calls within a process: the directory's address is
// faster. Not for files: a message is in memory as a whole.
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
  timespan connect_timeout = std::chrono::seconds{2};  // to establish a connection (until its hello), not for a call
  timespan idle_after = std::chrono::minutes{5};
  backoff_policy reconnect = {.max = std::chrono::seconds{5}};
  std::size_t max_waiting = 256;       // calls to a node while its connection is being opened
  std::size_t max_endpoints = 256;     // unused ones are evicted
  std::size_t max_under_way = 10'000;  // open calls in all
};

// `metrics` must outlive it. The destructor ends all calls, and waits for a running name lookup. Errors:
// invalid_argument, with the option's name as field.
result<std::shared_ptr<transport>> make_framed_transport(framed_transport_options options, metrics_registry& metrics);

}  // namespace banyan
