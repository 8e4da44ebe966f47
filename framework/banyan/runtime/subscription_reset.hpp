// The operations port's way to node::reset_subscription: POST /subscriptions/GROUP/TOPIC/reset?to=now, start or a position.
//
// `now` leaves out everything that is stored and not handled yet, `start` handles the whole journal (again), a position what comes after it.
// Answers {"group":...,"topic":...,"position":...}: the position after which the subscription begins.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/http/message.hpp>
#include <banyan/runtime/node.hpp>

#include <string_view>

namespace banyan {

// "now", "start", or a whole number; invalid_argument at "to" for everything else.
result<subscription_start> parse_subscription_start(std::string_view text);

// Of a request with such a path, whose sender is known to be an operator.
void reset_subscription_for(const http_request& request, const node& running, completion<http_response> answer);

}  // namespace banyan
