// What the payloads of frames hold: hello, request, answer, failure, ping, goaway. Encoders and decoders, without I/O.
//
// Strict about sizes, tolerant where versions differ: a hello may have settings that the receiver does not know, a
// request headers, a failure a code that it does not know (read as `internal`, its text kept). A decoder that refuses
// says code::invalid_argument, reason "bad_frame", and never reads beyond the payload. Texts of a failure that are not
// UTF-8 are left out; those of a request are looked at by the callee's session, the body by the operation's codec.
//
// A message is cut into frames when it does not fit into one: the first frame carries the head, the size of the whole
// body and the first part of it; frames of type `more` carry nothing but the next parts.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/framed_protocol/frame.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan::framed {

// The first payload in each direction: what its sender takes. Each side keeps to what the other announced.
struct hello {
  std::uint32_t max_frame = 16 * 1024;           // bytes of payload in one frame
  std::uint32_t max_message = 4 * 1024 * 1024;   // bytes of one body
  std::uint32_t max_calls = 256;                 // unanswered at a time; the smaller one of both sides counts
  std::int64_t clock = 0;                        // microseconds of the sender's monotonic clock, when it was written
  std::string node = {};                         // the name of the sender, for logs; who it is says its certificate
  friend bool operator==(const hello&, const hello&) = default;
};

inline constexpr std::int64_t no_deadline = INT64_MAX;

struct request_head {
  std::string operation = {};           // "payments.charge"
  std::uint32_t version = 1;            // of the operation
  std::int64_t deadline = no_deadline;  // microseconds of the sender's monotonic clock: peer_clock.hpp
  std::int64_t position = 0;            // of the journal: read at least as of it; 0: any
  uuid command = {}, correlation = {}, causation = {};  // nil: none
  std::string trace = {};               // traceparent; empty: none
  std::string caller = {};              // identity of whoever the sender works for; empty: unknown
  std::vector<std::pair<std::string, std::string>> headers = {};  // for later versions; unknown ones are ignored
  friend bool operator==(const request_head&, const request_head&) = default;
};

// Of every message: how long its body is as a whole, and the part of it that is in the first frame.
struct body_part {
  std::uint32_t total = 0;
  std::string_view first;
};

void append_hello(std::string& out, const hello& h);
result<hello> decode_hello(std::string_view payload);

// Fails with invalid_argument, reason "head_too_large", when a name or header is longer than its length can say.
result<void> append_request_head(std::string& out, const request_head& head);
struct request_begin {
  request_head head;
  body_part body;
};
result<request_begin> decode_request(std::string_view payload);

void append_answer_head(std::string& out, std::int64_t position);
struct answer_begin {
  std::int64_t position = 0;  // of the journal: what the answer includes
  body_part body;
};
result<answer_begin> decode_answer(std::string_view payload);

// A failure fits into one frame: message, reason and field are cut to 1,024, 128 and 256 bytes.
void append_failure(std::string& out, const error& e);
std::optional<error> decode_failure(std::string_view payload);  // nothing: it is not one

// Of ping and pong: a number that the pong repeats, and the sender's monotonic clock in microseconds.
struct heartbeat {
  std::uint64_t number = 0;
  std::int64_t clock = 0;
  friend bool operator==(const heartbeat&, const heartbeat&) = default;
};
void append_heartbeat(std::string& out, heartbeat b);
result<heartbeat> decode_heartbeat(std::string_view payload);

// The reason is for logs.
void append_goaway(std::string& out, std::string_view reason);  // cut to 256 bytes
result<std::string> decode_goaway(std::string_view payload);

}  // namespace banyan::framed
