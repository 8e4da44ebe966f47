// How a call that arrived from another node is answered: found by its wire name, decoded, asked as any request of this
// node, and its answer encoded. The same for every transport.
//
// Errors besides those of whoever answers: unimplemented for an operation that is not here, that is here in another
// version (reason "other_version") or that can not travel; unavailable with reason "not_here" when another node answers
// it; invalid_argument when the payload does not decode; deadline_exceeded when no time is left. Nothing was done then.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/service/directory.hpp>
#include <banyan/transport/encoded_call.hpp>
#include <banyan/transport/transport.hpp>

#include <memory>

namespace banyan {

// Answered on a thread of `system`, or before it returns; then the attempt is null. Destroying the attempt gives the
// call up: its handler is told as give_up() says (message.hpp), and the answer that follows is told all the same.
std::unique_ptr<transport::attempt> serve_call(actor_system& system, const directory& here, const encoded_call& call,
                                               timespan time_left, completion<encoded_answer> answer);

}  // namespace banyan
