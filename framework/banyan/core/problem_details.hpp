// Errors over HTTP: a `banyan::error` as problem JSON (RFC 9457, application/problem+json) with the status that fits its code, and back.
//
//   error{code::refused, "only 3 left"}.because("out_of_stock")   <->   422
//   {"type":"/problems/out_of_stock","title":"Unprocessable Content","status":422,"detail":"only 3 left",
//    "code":"refused","outcome":"not_applied","reason":"out_of_stock"}
//
// The server side writes what the error says. The client side believes a problem document only as far as it makes sense: an answer of
// a foreign server, a proxy or a newer version is read from its status.
//
//   code               status                    code               status
//   invalid_argument   400                       exhausted          429
//   unauthenticated    401                       corrupt, internal  500
//   forbidden          403                       unimplemented      501
//   not_found          404                       unavailable        503
//   conflict           409                       deadline_exceeded  504
//   refused            422
#pragma once

#include <banyan/core/error.hpp>

#include <string>
#include <string_view>

namespace banyan {

inline constexpr std::string_view problem_media_type = "application/problem+json";

int http_status(code c);
std::string to_problem(const error& e);

// The error behind an answer whose status is not 2xx. Without a problem document of ours the outcome of a 4xx is not_applied, except
// 408, and that of a 5xx is unknown, except 501: a proxy cannot say what happened behind it. `retry_after` is at most a day.
error from_problem(int status, std::string_view body);

}  // namespace banyan
