#include <banyan/runtime/operator_token.hpp>

#include <string_view>

namespace banyan {

namespace {

bool equal(std::string_view given, std::string_view wanted) {
  unsigned difference = given.size() != wanted.size();
  for (std::size_t i = 0; i < given.size(); ++i)
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(wanted[i % wanted.size()]);
  return difference == 0;
}

}  // namespace

std::optional<http_response> refuse_operator(const http_request& request, const std::string& configured_token) {
  if (configured_token.empty())
    return http_response::problem(error{code::forbidden,
                                        "nothing can be changed here while operator_token is not set "
                                        "(BANYAN_OPERATOR_TOKEN, or in the configuration)"});
  constexpr std::string_view scheme = "Bearer ";
  const auto* authorization = request.headers.find("Authorization");
  if (authorization && std::string_view{*authorization}.starts_with(scheme) &&
      equal(std::string_view{*authorization}.substr(scheme.size()), configured_token))
    return std::nullopt;
  auto refusal = http_response::problem(
      error{code::unauthenticated, "this needs the operator's token: Authorization: Bearer <token>"});
  refusal.headers.set("WWW-Authenticate", "Bearer");
  return refusal;
}

}  // namespace banyan
