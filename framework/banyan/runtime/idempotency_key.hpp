// What an Idempotency-Key of a client means: which command id it gives, and that it belongs to the request it was first sent with.
//
// An entity remembers the commands of its own stream, so by itself it can not know that a key was used for another one. Therefore a key is
// claimed before anything is done: a command record without events, in a stream of its own, whose fingerprint is that of the request. It is
// durable, shared by all who use the journal, and costs one append per request with a key, and nothing without. A key is never forgotten.
//
//   const idempotency_key key{.operation = "checkout", .caller = context.caller, .text = header};
//   journal.append(claim(key, identity_of_the_request), ...);         // fails as conflict when it belongs to another request
//   context.command = command_id(key);
//
// After draft-ietf-httpapi-idempotency-key-header, which leaves status and life time to the server. Pure.
#pragma once

#include <banyan/core/ids.hpp>
#include <banyan/journal/journal.hpp>

#include <string>
#include <string_view>

namespace banyan {

inline constexpr std::string_view idempotency_key_header = "Idempotency-Key";

struct idempotency_key {
  std::string operation;
  std::string caller;  // identity, empty when unknown: another caller's key of the same text is another key
  std::string text;
};

// Errors: invalid_argument unless it has 1 to 255 visible ASCII characters.
result<void> check(const idempotency_key& key);

uuid command_id(const idempotency_key& key);

// `identity`: a text that is the same for the same request.
append_request claim(const idempotency_key& key, std::string_view identity);

// What the client is told when its claim failed. Nothing was done in any case.
error claim_refused(const error& by_the_journal);

}  // namespace banyan
