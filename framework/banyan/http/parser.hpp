// Push parsers for HTTP/1.x messages: bytes in, whole messages out. Pure: no sockets and no time, so that every
// split of a stream into packets can be tested and fuzzed.
//
//   request_parser parser{limits};
//   for (;;) {
//     auto room = parser.prepare();
//     parser.commit(read_into(room));                      // or parser.finish() at the end of the stream
//     while (parser.state() == parse_state::done) {
//       serve(parser.take());
//       parser.next();                                     // goes on with pipelined bytes
//     }
//     if (parser.state() == parse_state::failed) return refuse(parser.fault());
//   }
//
// Memory is bounded by the limits. What exceeds them is a fault (414 for the request line, 431 for the header, 413
// for the body), found as soon as the bytes, or a Content-Length that announces them, arrive; so is an invalid chunk
// size (`chunk_header.hpp`). The grammar is Boost.Beast's; `framing.hpp` is stricter about what delimits messages.
// Trailer fields are checked, counted against the header limit and dropped.
#pragma once

#include <banyan/http/framing.hpp>
#include <banyan/http/message.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace banyan {

struct http_limits {
  std::size_t header_bytes = 16 * 1024;  // request or status line and fields; also one chunk header; also all trailers
  std::size_t header_count = 100;
  std::size_t target_bytes = 8 * 1024;
  std::size_t body_bytes = 1024 * 1024;
};

enum class parse_state : std::uint8_t {
  head,    // the header is not complete
  body,    // the header is complete, the body is not
  done,    // a message can be taken
  failed,  // the stream is unusable; see `fault`
};

class request_parser {
 public:
  explicit request_parser(const http_limits& limits);
  request_parser(request_parser&&) noexcept;
  ~request_parser();

  void over_tls();  // before any byte: the requests are of https

  std::span<char> prepare();   // buffer for the next bytes, never empty; only in state head or body
  void commit(std::size_t n);  // `n` bytes of it were filled
  void finish();               // end of the stream: an unfinished message becomes a fault

  parse_state state() const;
  bool untouched() const;               // no byte of this message has arrived
  bool leftover() const;                // bytes after this message have arrived
  const protocol_fault& fault() const;  // in state failed
  bool keep_alive() const;              // from state body on
  bool awaits_continue() const;         // in state body: the client waits for a 100
  const http_request& head() const;     // in state body: the message without its body
  bool to_head() const;                 // the method is HEAD, also in state failed: the answer has no body
  http_version version() const;         // from state body on
  std::size_t announced_body() const;   // the Content-Length; 0: none, or not read yet
  std::size_t body_memory() const;      // bytes allocated for the body so far

  http_request take();  // in state done, once
  void next();          // after take: goes on to the next message

 private:
  struct machine;
  std::unique_ptr<machine> machine_;
};

class response_parser {
 public:
  explicit response_parser(const http_limits& limits);
  response_parser(response_parser&&) noexcept;
  ~response_parser();

  void expect(bool to_head);  // before each response; to HEAD it has no body. Only without leftover bytes
  std::span<char> prepare();
  void commit(std::size_t n);
  void finish();  // completes a body that ends with the connection

  parse_state state() const;
  bool untouched() const;
  bool leftover() const;  // bytes after the message: a protocol error of the peer
  const protocol_fault& fault() const;
  bool keep_alive() const;

  http_response take();  // in state done. Interim (1xx) responses are skipped

 private:
  struct machine;
  std::unique_ptr<machine> machine_;
};

}  // namespace banyan
