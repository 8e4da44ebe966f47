#include <banyan/runtime/operations_arguments.hpp>

#include <CLI/CLI.hpp>

namespace banyan {

namespace {

bool is_set(const node_settings& settings, std::string_view name) { return settings.origins.contains(name); }

std::string may_run_with(const std::string& settings) {
  return "the node may still run with " + settings + ": a change needs its restart";
}

}  // namespace

void add_tls_arguments(CLI::App& to, tls_client_options& tls) {
  to.add_option("--authority", tls.authority,
                "Over https: PEM file of the authorities that may issue the node's certificate; default: the system's")
      ->type_name("FILE");
  auto* certificate = to.add_option("--certificate", tls.certificate,
                                    "Over https: PEM file of our own certificate, for a node that asks for one");
  auto* key = to.add_option("--key", tls.key, "Its key");
  certificate->type_name("FILE")->needs(key);
  key->type_name("FILE")->needs(certificate);
}

void add_operations_arguments(CLI::App& to, operations_arguments& a) {
  to.add_option("--admin", a.admin, "Address of the node's operations API, or a URL such as https://shop.example:8081")
      ->type_name("HOST:PORT")
      ->check([](const std::string& text) {
        const auto url = parse_operations_url(text);
        return url ? std::string{} : url.error().message;
      });
  add_tls_arguments(to, a.tls);
}

result<operations_url> address_of(const operations_arguments& a, const node_settings& settings) {
  const bool https = !settings.admin_tls_certificate.empty();
  if (a.admin) return parse_operations_url(*a.admin, https);
  const auto at = parse_listen_address(settings.admin);
  if (!at) return at.error();
  return parse_operations_url(destination_of(*at), https);
}

operations_options options_of(const operations_arguments& a, const node_settings& settings) {
  operations_options options{
      .tls = a.tls, .plaintext = settings.plaintext, .allow_plaintext = "--set plaintext=true"};
  if ((!a.admin && is_set(settings, "admin")) || is_set(settings, "admin_tls_certificate"))
    options.if_unanswered = may_run_with("another admin or admin_tls_...");
  else if (!a.admin)
    options.if_unanswered = "is it running? --admin HOST:PORT names another address";
  if (is_set(settings, "operator_token")) options.if_refused = may_run_with("another operator_token, or none");
  return options;
}

}  // namespace banyan
