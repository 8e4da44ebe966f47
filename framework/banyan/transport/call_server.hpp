// Answers a call from another node: finds the operation by its wire name, decodes the request, asks it as any
// request of this node, and encodes the answer. The same for every transport.
//
// Errors besides those of the operation, all before anything was done: unimplemented for an operation that is
// unknown here, known in another version (reason "other_version") or not encodable; unavailable with reason
// "not_here" when another node answers it; invalid_argument when the payload does not decode; deadline_exceeded when
// no time is left.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/service/directory.hpp>
#include <banyan/transport/encoded_call.hpp>
#include <banyan/transport/transport.hpp>

#include <memory>

namespace banyan {

// Completes on a thread of `system`, or before it returns; then the attempt is null. Destroying the attempt gives
// the call up (give_up(), message.hpp); the completion is called nevertheless.
std::unique_ptr<transport::attempt> serve_call(actor_system& system, const directory& here, const encoded_call& call,
                                               timespan time_left, completion<encoded_answer> answer);

}  // namespace banyan
