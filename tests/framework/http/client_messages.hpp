// Requests of a client, and the bytes of answers to them.
#pragma once

#include <banyan/http/message.hpp>

#include <string>
#include <utility>

namespace banyan::test {

inline http_request request(std::string method, std::string target = "/", std::string body = {}) {
  http_request r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.body = std::move(body);
  return r;
}

inline std::string response(const std::string& body, const std::string& fields = {}) {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace banyan::test
