// TLS on one connected, non-blocking socket; internal to tls/ and http/. It reads and writes the descriptor itself and
// says when to wait, as SSL_read and SSL_write do: no buffer of its own, no copy, and no thread.
//
//   for (auto p = session->read(buffer); ; p = session->read(buffer)) switch (p.next) {
//     case tls::step::done:     use(buffer.first(p.bytes)); return;
//     case tls::step::readable: wait until the socket is readable; break;        // and try again
//     ...
//   }
//
// One thread at a time. Reading and writing may alternate; a write that has to wait is repeated with the same bytes,
// which may have moved.
#pragma once

#include <banyan/core/result.hpp>
#include <banyan/tls/options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace banyan::tls {

enum class step : std::uint8_t {
  done,
  readable,  // call again when the socket is readable
  writable,  // ... writable
  closed,    // read only: the other side has said that it sends no more
  failed,    // see `failure`; also an end of the stream that was not announced
};

struct progress {
  step next = step::done;
  std::size_t bytes = 0;  // with `done`
};

class session {
 public:
  virtual ~session() = default;

  virtual progress handshake() = 0;
  virtual progress read(std::span<char> into) = 0;  // `into` is not empty
  // At most 16 KiB per call, which are sent as a whole or not at all: none of them reaches the peer's program before
  // this returns `done`.
  virtual progress write(std::span<const char> bytes) = 0;
  virtual void close_notify() = 0;  // announces the end of what we send, if the socket takes it at once

  virtual bool has_more() const = 0;  // bytes that were received and not yet read
  virtual bool resumed() const = 0;   // the handshake was short: an earlier session goes on
  virtual tls_peer_ptr peer() const = 0;  // null: no certificate, or not verified

  // Why the last call failed, with outcome not_applied and a reason:
  //   certificate_expired, certificate_not_yet_valid, certificate_wrong_host, certificate_self_signed,
  //   certificate_unknown_authority, certificate_refused   the peer's certificate
  //   client_certificate_required, client_certificate_refused   ours
  //   tls_version, not_tls, tls_handshake_failed
  //   connection_lost   the stream ended without notice, or was reset
  virtual const error& failure() const = 0;
  // The peer refused our certificate before it read anything that we wrote. (With TLS 1.3 a client is told only after
  // its handshake has ended; the server's has not.)
  virtual bool refused_unread() const = 0;
  // The first byte that came begins no TLS record but perhaps a plain HTTP request.
  virtual bool met_plain_text() const = 0;
};

}  // namespace banyan::tls
