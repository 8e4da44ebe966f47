#include <banyan/runtime/operator_token.hpp>

#include <algorithm>

namespace banyan {

namespace {

bool equal_in_constant_time(std::string_view given, std::string_view expected) {
  volatile unsigned char differs = given.size() == expected.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i)
    differs = static_cast<unsigned char>(differs | (given[i] ^ expected[i % expected.size()]));
  return differs == 0;
}

bool is_bearer(std::string_view text) {
  constexpr std::string_view scheme = "bearer ";  // names of schemes are compared without case (RFC 9110, 11.1)
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return text.size() > scheme.size() && std::equal(scheme.begin(), scheme.end(), text.begin(), [&](char a, char b) { return a == lower(b); });
}

http_response ask_for_token(const char* why) {
  auto r = http_response::problem(error{code::unauthenticated, why}, 401);
  r.headers.set("WWW-Authenticate", "Bearer");
  return r;
}

}  // namespace

std::optional<http_response> refuse_operator(const http_request& request, const std::string& configured_token) {
  if (configured_token.empty()) {
    return http_response::problem(
        error{code::forbidden,
              "this needs the operator's token, and this node has no operator_token among its settings"}, 403);
  }
  const auto* given = request.headers.count("Authorization") == 1 ? request.headers.find("Authorization") : nullptr;
  if (!given || !is_bearer(*given)) return ask_for_token("this needs the operator's token: Authorization: Bearer TOKEN");
  if (!equal_in_constant_time(std::string_view{*given}.substr(7), configured_token)) return ask_for_token("this is not the operator's token");
  return std::nullopt;
}

bool is_operator_token(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
  };
  return text.empty() || (text.size() >= 16 && text.size() <= 256 && std::all_of(text.begin(), text.end(), allowed));
}

}  // namespace banyan
