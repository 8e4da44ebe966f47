// Encoders and decoders of frame payloads: hello, request, answer, failure, ping, goaway. No I/O.
//
// Strict about sizes, tolerant about versions: unknown settings in a hello and unknown headers of a request are
// ignored, an unknown code of a failure is read as `internal` with its text. Decoder errors are invalid_argument,
// reason "bad_frame"; a decoder never reads beyond the payload. Texts of a failure that are not UTF-8 are dropped;
// those of a request are checked by the callee's session, the body by the operation's codec.
//
// A message that does not fit into one frame is split: the first frame has the head, the size of the whole body and
// its first part; frames of type `more` have the other parts only.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/framed_protocol/frame.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan::framed {

// The first payload in each direction: the limits of its sender, which the peer must keep.
struct hello {
  std::uint32_t max_frame = 16 * 1024;           // bytes of payload in one frame
  std::uint32_t max_message = 4 * 1024 * 1024;   // bytes of one body
  std::uint32_t max_calls = 256;                 // unanswered calls; the smaller value of both sides applies
  std::int64_t clock = 0;                        // sender's monotonic clock when written, microseconds
  std::string node = {};                         // sender's name, for logs; the certificate identifies it
  friend bool operator==(const hello&, const hello&) = default;
};

inline constexpr std::int64_t no_deadline = INT64_MAX;

struct request_head {
  std::string operation = {};           // "payments.charge"
  std::uint32_t version = 1;            // version of the operation
  std::int64_t deadline = no_deadline;  // sender's monotonic clock, microseconds: peer_clock.hpp
  std::int64_t position = 0;            // journal position that the reads must include; 0: any
  uuid command = {}, correlation = {}, causation = {};  // nil: none
  std::string trace = {};               // traceparent; empty: none
  std::string caller = {};              // identity of the original caller; empty: unknown
  std::vector<std::pair<std::string, std::string>> headers = {};  // "tracestate"; unknown ones are ignored
  friend bool operator==(const request_head&, const request_head&) = default;
};

// The body of a message: its total size, and the part in the first frame.
struct body_part {
  std::uint32_t total = 0;
  std::string_view first;
};

void append_hello(std::string& out, const hello& h);
result<hello> decode_hello(std::string_view payload);

// Errors: invalid_argument, reason "head_too_large", for a name or header longer than its length field can hold.
result<void> append_request_head(std::string& out, const request_head& head);
struct request_begin {
  request_head head;
  body_part body;
};
result<request_begin> decode_request(std::string_view payload);

void append_answer_head(std::string& out, std::int64_t position);
struct answer_begin {
  std::int64_t position = 0;  // journal position that the answer includes
  body_part body;
};
result<answer_begin> decode_answer(std::string_view payload);

// A failure takes one frame: message, reason and field are cut to 1,024, 128 and 256 bytes. Its last byte,
// error::retried, is not sent by older peers, and ignored by them.
void append_failure(std::string& out, const error& e);
std::optional<error> decode_failure(std::string_view payload);  // nothing: malformed

// Payload of ping and pong: a number, repeated by the pong, and the sender's monotonic clock in microseconds.
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
