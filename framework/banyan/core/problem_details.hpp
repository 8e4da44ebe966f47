// A `banyan::error` as an HTTP problem document (RFC 9457, application/problem+json) with the status of its code,
// and back.
//
//   error{code::refused, "only 3 left"}.because("out_of_stock")   <->   422
//   {"type":"/problems/out_of_stock","title":"Unprocessable Content","status":422,"detail":"only 3 left",
//    "code":"refused","outcome":"not_applied","reason":"out_of_stock"}
//
// `"retry_after_ms":1500` and `"retried":true` are added where the error has them. The reader trusts code, outcome and
// `retried` of a problem document only where the code agrees with the status; what comes from another server, a proxy
// or a newer version is judged by its status.
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

// The error of a response whose status is not 2xx. Without a problem document of this framework the outcome is
// not_applied for a 4xx other than 408 and for 501, and unknown otherwise: a proxy does not know what happened
// behind it. `retry_after` is at most a day.
error from_problem(int status, std::string_view body);

}  // namespace banyan
