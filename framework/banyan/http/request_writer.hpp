// Writes the members of a request struct into an HTTP request: the inverse of `request_members`, for calls to an HTTP
// API. Pure.
//
//   const request_writer writer{*route_pattern::parse("POST /charges/{key}/refunds"), shape_of<refund_charge>(), {}};
//   // POST /charges/k%201/refunds {"amount":5}
//   result<http_request> request = writer.write(R"({"key":"k 1","amount":5})");
//
// Captures of the path are percent-encoded; an empty one, or one that a server would read as a dot segment, is refused,
// because the request would then be another one. Absent optional members (null) are left out of the query string.
#pragma once

#include <banyan/http/request_members.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan {

class request_writer {
 public:
  // `headers`: header and member. Their members are sent there only.
  request_writer(route_pattern pattern, const shape& request, std::vector<std::pair<std::string, std::string>> headers);

  // `encoded`: the request as JSON. Errors: invalid_argument with the member's name.
  result<http_request> write(std::string encoded) const;

 private:
  route_pattern pattern_;
  request_members members_;
  std::vector<std::pair<std::string, std::string>> headers_;
  bool is_body_only_;  // the encoded request is the body
};

}  // namespace banyan
