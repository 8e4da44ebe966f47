// A client of a running node's operations port (admin.hpp). Each call waits for the answer.
//
//   operations_client node{{.authority = "127.0.0.1:8081"}, token};  // or parse_operations_url(...)
//   auto topology = node.page("/topology");                          // JSON text
//   auto plan = node.text("/plan?form=text", "text/plain; charset=utf-8");
//
// Over https the node's certificate must be of a trusted authority and have the host's name (http/client.hpp). The
// token is not sent over plain HTTP to another machine, unless `plaintext` allows it, as it allows a node to listen
// there.
//
// Errors: those that the node answers with; unavailable or deadline_exceeded when none answers in time; corrupt when
// what answers is no node; invalid_argument, reason "plaintext", when the token would be sent unencrypted, and for
// files of TLS that are not usable. Each message names the address.
#pragma once

#include <banyan/assembly/operator_words.hpp>
#include <banyan/core/time.hpp>
#include <banyan/http/client.hpp>
#include <banyan/runtime/operations_url.hpp>
#include <banyan/tls/options.hpp>

#include <string>
#include <string_view>

namespace banyan {

struct operations_options {
  timespan read = std::chrono::seconds{10};
  timespan change = std::chrono::minutes{6};  // a replay may take its handler's time
  tls_client_options tls = {};                // for https
  bool plaintext = false;                     // the token may be sent unencrypted to other machines
  std::string allow_plaintext = "--plaintext";  // how a caller says so, for the refusal
  // What may be the cause, added to errors when no node answers, and when the node refuses the token.
  std::string if_unanswered = {}, if_refused = {};
};

class operations_client final : public operator_port {
 public:
  // `token`: the operator's, sent with what needs it only; empty: none.
  operations_client(operations_url node, std::string token, operations_options options = {});

  result<std::string> ask(const std::string& method, const std::string& target) override;
  result<std::string> page(const std::string& target) override;
  error no_node(const std::string& why) const override;

  result<std::string> text(const std::string& target, std::string_view media_type);  // GET of a page that is not JSON
  result<std::string> protected_page(const std::string& target);                     // GET with the operator's token
  const std::string& authority() const { return node_.authority; }

 private:
  result<http_response> send(const std::string& method, const std::string& target, bool with_token);
  result<std::string> json_of(result<http_response> response) const;
  // Names what is missing when a node has no such page.
  result<std::string> known(result<std::string> content, const std::string& target);

  operations_url node_;
  std::string token_;
  operations_options options_;
  http_client client_;
};

}  // namespace banyan
