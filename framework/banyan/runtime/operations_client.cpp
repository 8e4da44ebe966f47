#include <banyan/runtime/operations_client.hpp>

#include <banyan/http/request_rules.hpp>

#include <future>
#include <string_view>

namespace banyan {

namespace {

error with_hint(error e, const std::string& hint) {
  if (!hint.empty()) e.message += "; " + hint;
  return e;
}

}  // namespace

operations_client::operations_client(operations_url node, std::string token, operations_options options)
    : node_{std::move(node)},
      token_{std::move(token)},
      options_{std::move(options)},
      client_{{.tls = options_.tls}} {}

result<http_response> operations_client::send(const std::string& method, const std::string& target, bool with_token) {
  auto request = request_to(method, to_string(node_) + target);
  if (!request) return request.error();
  const bool has_token = with_token && !token_.empty();
  if (has_token && !node_.is_https && !options_.plaintext && !is_this_machine(node_))
    return error{code::invalid_argument, "the operator's token would be sent unencrypted to " + node_.authority +
                                             ": ask it over https, or allow it by " + options_.allow_plaintext}
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
    error failure{why.code, (is_ours ? "the node can not be asked at " : "no node answers at ") + node_.authority +
                                ": " + why.message};
    return is_ours ? failure : with_hint(std::move(failure), options_.if_unanswered);
  }
  return response;
}

result<std::string> operations_client::json_of(result<http_response> response) const {
  if (!response) return response.error();
  // A node's answer is JSON, or has no content when there is no room for any.
  const auto type = response->headers.get("Content-Type");
  if (!is_json_type(type) && !(type.empty() && response->status == 503)) return no_node("its answer is no JSON");
  auto good = succeeded(std::move(*response));
  if (good) return std::move(good->body);
  const auto why = good.error();
  if (why.reason == "not_tls") return with_hint(why, options_.if_unanswered);
  return with_hint(why, why.code == code::unauthenticated || why.code == code::forbidden ? options_.if_refused : "");
}

result<std::string> operations_client::known(result<std::string> content, const std::string& target) {
  if (content || content.error().code != code::not_found) return content;
  // Every node has /inspect.
  if (!ask("GET", "/inspect")) return no_node(content.error().message);
  return error{code::not_found,
               "nothing that runs on the node at " + node_.authority + " has " + target.substr(0, target.find('?'))};
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
  return error{code::corrupt, "what answers at " + node_.authority + " is not a node's operations port: " + why};
}

}  // namespace banyan
