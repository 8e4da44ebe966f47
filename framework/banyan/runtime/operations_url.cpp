#include <banyan/runtime/operations_url.hpp>

#include <banyan/runtime/node_settings.hpp>

#include <boost/asio/ip/address.hpp>

namespace banyan {

namespace {

constexpr std::string_view http_scheme = "http://", https_scheme = "https://";

}  // namespace

result<operations_url> parse_operations_url(std::string_view text, bool https) {
  for (const auto scheme : {http_scheme, https_scheme})
    if (text.starts_with(scheme)) {
      https = scheme == https_scheme;
      text.remove_prefix(scheme.size());
      break;
    }
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto parsed = parse_listen_address(text);
  if (!parsed || parsed->port == 0)
    return error{code::invalid_argument,
                 "write the address of a node's operations port: http://127.0.0.1:8081, or https"};
  return operations_url{https, std::string{text}};
}

std::string to_string(const operations_url& url) {
  return std::string{url.is_https ? https_scheme : http_scheme} + url.authority;
}

bool is_this_machine(const operations_url& url) {
  const auto at = parse_listen_address(url.authority);
  if (!at || at->host == "localhost") return at.has_value();
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(at->host, is_name);
  return !is_name && address.is_loopback();
}

}  // namespace banyan
