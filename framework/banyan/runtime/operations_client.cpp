#include <banyan/runtime/operations_client.hpp>

#include <banyan/http/request_rules.hpp>
#include <banyan/runtime/node_settings.hpp>

#include <boost/asio/ip/address.hpp>

#include <future>
#include <string_view>

namespace banyan {

namespace {

constexpr std::string_view plain_scheme = "http://", secure_scheme = "https://";

bool is_this_machine(const std::string& authority) {
  const auto at = parse_listen_address(authority);
  if (!at || at->host == "localhost") return at.has_value();
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(at->host, is_name);
  return !is_name && address.is_loopback();
}

std::string authority_in(const std::string& address) {
  const auto known = operations_address(address);
  if (!known) return address;  // calls to it fail
  return known->starts_with(secure_scheme) ? known->substr(secure_scheme.size()) : *known;
}

}  // namespace

result<std::string> operations_address(const std::string& url) {
  std::string_view address{url};
  const bool is_secure = address.starts_with(secure_scheme);
  if (is_secure || address.starts_with(plain_scheme))
    address.remove_prefix((is_secure ? secure_scheme : plain_scheme).size());
  if (address.ends_with('/')) address.remove_suffix(1);
  const auto parsed = parse_listen_address(address);
  if (!parsed || parsed->port == 0)
    return error{code::invalid_argument,
                 "write the address of a node's operations port: http://127.0.0.1:8081, or https"};
  return std::string{is_secure ? secure_scheme : ""}.append(address);
}

operations_client::operations_client(const std::string& address, std::string token, operations_options options)
    : scheme_{address.starts_with(secure_scheme) ? secure_scheme : plain_scheme},
      authority_{authority_in(address)},
      token_{std::move(token)},
      options_{std::move(options)},
      client_{{.tls = options_.tls}} {}

result<http_response> operations_client::send(const std::string& method, const std::string& target, bool with_token) {
  auto request = request_to(method, scheme_ + authority_ + target);
  if (!request) return request.error();
  const bool has_token = with_token && !token_.empty();
  if (has_token && scheme_ == plain_scheme && !options_.plaintext && !is_this_machine(authority_))
    return error{code::invalid_argument, "the operator's token would be sent unencrypted to " + authority_ +
                                             ": ask it over https, or allow it by plaintext"}
        .because("plaintext");
  if (has_token) request->headers.set("Authorization", "Bearer " + token_);
  std::promise<result<http_response>> promise;
  auto answer = promise.get_future();
  const auto within = method == "GET" ? options_.read : options_.change;
  client_.send(std::move(*request), add_saturating(system_clock().steady(), within),
               [&](result<http_response> r) { promise.set_value(std::move(r)); });
  auto response = answer.get();
  if (!response) {
    const auto why = response.error();
    const bool is_ours = why.code == code::invalid_argument;  // our files of TLS
    return error{why.code, (is_ours ? "the node can not be asked at " : "no node answers at ") + authority_ + ": " +
                               why.message};
  }
  return response;
}

result<std::string> operations_client::json_of(result<http_response> response) const {
  if (!response) return response.error();
  // A node's answer is JSON, or has no content when there is no room for any.
  const auto type = response->headers.get("Content-Type");
  if (!is_json_type(type) && !(type.empty() && response->status == 503)) return no_node("its answer is no JSON");
  auto good = succeeded(std::move(*response));
  if (!good) return good.error();
  return std::move(good->body);
}

result<std::string> operations_client::known(result<std::string> content, const std::string& target) {
  if (content || content.error().code != code::not_found) return content;
  // Every node has /inspect.
  if (!ask("GET", "/inspect")) return no_node(content.error().message);
  return error{code::not_found,
               "nothing that runs on the node at " + authority_ + " has " + target.substr(0, target.find('?'))};
}

result<std::string> operations_client::ask(const std::string& method, const std::string& target) {
  return json_of(send(method, target, method != "GET"));
}

result<std::string> operations_client::page(const std::string& target) { return known(ask("GET", target), target); }

result<std::string> operations_client::protected_page(const std::string& target) {
  return known(json_of(send("GET", target, true)), target);
}

result<std::string> operations_client::text(const std::string& target, std::string_view media_type) {
  auto response = send("GET", target, false);
  if (!response) return response.error();
  if (response->status != 200) return known(json_of(std::move(response)), target);
  if (response->headers.get("Content-Type") != media_type)
    return no_node("its answer is not " + std::string{media_type});
  return std::move(response->body);
}

error operations_client::no_node(const std::string& why) const {
  return error{code::corrupt, "what answers at " + authority_ + " is not a node's operations port: " + why};
}

}  // namespace banyan
