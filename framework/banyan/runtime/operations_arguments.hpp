// The options of a command that asks a running node at its operations port: where it is, and TLS.
//
//   operations_arguments asked;
//   add_operations_arguments(cli, asked);  // --admin, --authority, --certificate, --key
//   cli.parse(argc, argv);
//   const auto where = address_of(asked, settings);
//   if (!where) return report(where.error());
//   operations_client node{*where, token, options_of(asked, settings)};
//
// --admin is the destination of a request, not the setting `admin`, which is an address to listen on. A port whose node
// has `admin_tls_certificate` in its configuration is asked over https, unless --admin says http. No file of the
// node's TLS is read.
#pragma once

#include <banyan/runtime/node_settings.hpp>
#include <banyan/runtime/operations_client.hpp>
#include <banyan/runtime/operations_url.hpp>
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

// Without --admin: where `admin` can be reached on this machine (destination_of). Errors: invalid_argument for port 0.
result<operations_url> address_of(const operations_arguments& a, const node_settings& settings);
// With hints for errors that come from a setting which was changed since the node started.
operations_options options_of(const operations_arguments& a, const node_settings& settings);

}  // namespace banyan
