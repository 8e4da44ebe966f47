#include <banyan/http/framing.hpp>

#include <banyan/http/authority.hpp>

#include <algorithm>

namespace banyan {

namespace {

std::optional<protocol_fault> judge_length(const header_list& headers) {
  const auto lengths = headers.count("content-length");
  if (lengths > 1) return protocol_fault{400, "there is more than one Content-Length"};
  if (lengths == 1) {
    const auto value = headers.get("content-length");
    const bool digits = std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (value.empty() || value.size() > 18 || !digits) return protocol_fault{400, "the Content-Length is not a number"};
  }
  const auto codings = headers.count("transfer-encoding");
  if (codings == 0) return std::nullopt;
  if (lengths != 0) return protocol_fault{400, "there is both a Content-Length and a Transfer-Encoding"};
  if (codings > 1) return protocol_fault{400, "there is more than one Transfer-Encoding"};
  if (!equal_ignoring_case(headers.get("transfer-encoding"), "chunked"))
    return protocol_fault{501, "the only transfer coding understood is chunked"};
  return std::nullopt;
}

std::optional<protocol_fault> judge_host(http_request& request, http_version version, std::string_view valid_host) {
  const auto hosts = request.headers.count("host");
  if (hosts > 1) return protocol_fault{400, "there is more than one Host"};
  if (hosts == 0 && version == http_version::v1_1) return protocol_fault{400, "there is no Host"};
  const auto host = request.headers.get("host");
  if (host.empty() || host != valid_host) {
    if (auto read = read_authority(host); !read)
      return protocol_fault{400, "the Host is wrong: " + read.error().message};
  }
  if (request.authority.empty()) request.authority = std::string{host};
  return std::nullopt;
}

// A field that occurs several times is one list (RFC 9110, 5.3).
bool is_understood_expectation(const header_list& headers) {
  const auto expectations = headers.count("expect");
  return expectations == 0 || (expectations == 1 && equal_ignoring_case(headers.get("expect"), "100-continue"));
}

// A target of the other scheme is not served (RFC 9110, 7.4).
bool is_of_other_scheme(const http_request& request) {
  return equal_ignoring_case(std::string_view{request.target}.substr(0, 6), request.https ? "http:/" : "https:");
}

}  // namespace

std::optional<protocol_fault> judge_request(http_request& request, http_version version, std::string_view valid_host) {
  if (version == http_version::v1_0 && request.headers.count("transfer-encoding") != 0)
    return protocol_fault{400, "HTTP/1.0 knows no Transfer-Encoding"};
  if (auto fault = judge_length(request.headers)) return fault;
  if (request.method == "CONNECT") return protocol_fault{501, "CONNECT is not offered"};
  if (auto read = read_target(request); !read) return protocol_fault{400, read.error().message};
  if (is_of_other_scheme(request))
    return protocol_fault{421, request.https ? "only https is served here, and the target asks for http"
                                             : "https is not served here, and the target asks for it"};
  if (auto fault = judge_host(request, version, valid_host)) return fault;
  if (!is_understood_expectation(request.headers)) return protocol_fault{417, "the only expectation understood is 100-continue"};
  return std::nullopt;
}

std::optional<protocol_fault> judge_response(const http_response& response) {
  if (response.status < 100 || response.status > 599) return protocol_fault{502, "the status is not between 100 and 599"};
  return judge_length(response.headers);
}

bool wants_continue(const header_list& headers, http_version version) {
  return version == http_version::v1_1 && equal_ignoring_case(headers.get("expect"), "100-continue");
}

}  // namespace banyan
