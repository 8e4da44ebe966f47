// The Idempotency-Key header: the command id that a client's key gives, and the claim that binds the key to the first
// request sent with it.
//
// An entity only knows the commands of its own stream, so it can not notice a key that was used for another entity.
// Therefore a key is claimed before the request is executed: by a command record without events, in a stream of its
// own, with the request's fingerprint. The claim is durable, shared by all users of the journal, and costs one append
// per request with a key, nothing without. Keys are never forgotten.
//
//   const idempotency_key key{.operation = "checkout", .caller = context.caller, .text = header};
//   journal.append(claim(key, identity_of_the_request), ...);   // conflict: the key belongs to another request
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
  std::string caller;  // identity, empty when unknown: each caller has its own key space
  std::string text;
};

// Errors: invalid_argument unless it has 1 to 255 visible ASCII characters.
result<void> check(const idempotency_key& key);

uuid command_id(const idempotency_key& key);

// `identity`: a text that is equal for equal requests.
append_request claim(const idempotency_key& key, std::string_view identity);

// The client's error for a failed claim. Nothing was done in any case.
error claim_refused(const error& by_the_journal);

}  // namespace banyan
