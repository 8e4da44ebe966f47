#include <banyan/runtime/operations_arguments.hpp>

#include <CLI/CLI.hpp>

namespace banyan {

namespace {

constexpr std::string_view https_scheme = "https://";

bool has_scheme(const std::string& address) { return address.find("://") != address.npos; }

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
      ->type_name("HOST:PORT");
  add_tls_arguments(to, a.tls);
}

std::string setting_of_admin(const std::string& admin) {
  const auto address = has_scheme(admin) ? operations_address(admin) : admin;
  if (!address) return admin;  // the configuration tells what is wrong with it
  return address->starts_with(https_scheme) ? address->substr(https_scheme.size()) : *address;
}

std::string address_of(const operations_arguments& a, const node_settings& settings) {
  if (a.admin && has_scheme(*a.admin)) return *a.admin;
  return (settings.admin_tls_certificate.empty() ? "" : std::string{https_scheme}) + settings.admin;
}

operations_options options_of(const operations_arguments& a, const node_settings& settings) {
  return {.tls = a.tls, .plaintext = settings.plaintext};
}

}  // namespace banyan
