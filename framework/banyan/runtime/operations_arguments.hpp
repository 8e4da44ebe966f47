// The options of a command that asks a running node at its operations port: where it is, and TLS.
//
//   operations_arguments asked;
//   add_operations_arguments(cli, asked);  // --admin, --authority, --certificate, --key
//   cli.parse(argc, argv);
//   operations_client node{address_of(asked, settings), token, options_of(asked, settings)};
//
// --admin also is the setting `admin` (setting_of_admin). A port whose node has `admin_tls_certificate` in its
// configuration is asked over https, unless --admin says http.
#pragma once

#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/operations_client.hpp>
#include <banyan/tls/options.hpp>

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace banyan {

struct operations_arguments {
  std::optional<std::string> admin = {};  // "HOST:PORT", or a URL
  tls_client_options tls = {};
};

void add_tls_arguments(CLI::App& to, tls_client_options& tls);
void add_operations_arguments(CLI::App& to, operations_arguments& a);

std::string setting_of_admin(const std::string& admin);  // without the scheme of a URL
std::string address_of(const operations_arguments& a, const node_settings& settings);
operations_options options_of(const operations_arguments& a, const node_settings& settings);

}  // namespace banyan
