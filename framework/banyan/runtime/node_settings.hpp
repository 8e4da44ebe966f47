// The settings of a node, as opposed to those of its services, which are in the plan: addresses, data folder, log
// level. They come from the same sources, by the same rules (configuration.hpp). In a file, before any table:
//
//   listen = "127.0.0.1:8080"
//   journal = "sqlite:shop.db"
#pragma once

#include <banyan/plan/option.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace banyan {

struct node_settings {
  std::string journal = "sqlite:journal.db";    // engine URL; a relative file lies in the data folder
  std::string data = "./data";                  // folder of all files of the node
  std::string listen = "127.0.0.1:8080";        // the services' HTTP API
  std::string admin = "127.0.0.1:8081";         // the operations port: page, health, metrics, topology
  // Host names accepted besides the addresses above and localhost: "shop.example, .internal"; "*" is any
  // (http/host_rules.hpp).
  std::string allowed_hosts;
  std::int64_t max_connections = 0;   // of the services' API; 0: as many as the open files limit allows
  std::int64_t max_buffered_bytes = 256 * 1024 * 1024;   // of requests and responses, over all connections
  bool plaintext = false;                       // allows non-loopback addresses without TLS
  // TLS of `listen` (tls/options.hpp): PEM files; a relative one lies in the working directory. Read again when they
  // change.
  std::string tls_certificate = {};             // with its chain; empty: plain HTTP
  std::string tls_key = {};
  std::string tls_client_authority = {};        // issues the certificates of clients
  std::string tls_client_certificates = "off";  // off, wanted, required
  // TLS of `admin`, by the same rules.
  std::string admin_tls_certificate = {};
  std::string admin_tls_key = {};
  std::string admin_tls_client_authority = {};
  std::string admin_tls_client_certificates = "off";
  int threads = 0;                              // actor workers; 0: one per core, at least two
  int io_threads = 0;                           // of the services' API; 0: one per core, at most eight
  // How long an I/O thread polls for more requests before it waits in the kernel; 0: not at all (http/server.hpp).
  timespan io_busy_poll = std::chrono::microseconds{20};
  std::int64_t max_lag = 1000;                  // events; the node is not ready while a view is further behind
  timespan request_deadline = std::chrono::seconds{10};   // of an HTTP request without one
  // When stopping: the time during which it serves while /readyz is 503, so that load balancers stop sending. About
  // two of their probe intervals.
  timespan drain_lead;
  // Besides our own; whose pages may send unsafe requests: "https://shop.example, ...".
  std::string allowed_origins = "";
  int max_per_service = 512;                    // open requests per service; above: 503. 0: no limit
  int max_waiting = 256;                        // queries per view waiting for their position; 0: no limit
  timespan drain_timeout = std::chrono::seconds{10};      // for open requests when stopping
  std::string only = {};                        // services to run, comma-separated; empty: all
  // Bearer token for changes through the operations port; empty: no changes.
  std::string operator_token = {};
  std::string log_level = "info";               // trace, debug, info, warning, error, off
  std::string log_format = "text";              // text, json

  // Export to an OpenTelemetry collector (otlp_settings.hpp). The variables OTEL_... of OpenTelemetry set these too.
  std::string otlp_endpoint = {};               // base URL, such as http://127.0.0.1:4318; empty: nothing is exported
  std::string otlp_headers = {};                // of its requests: "name=value, ..."; a secret
  timespan otlp_timeout = std::chrono::seconds{10};         // of one request
  timespan otlp_metric_interval = std::chrono::minutes{1};  // 0: no metrics
  std::string otlp_service_name = {};           // the resource attribute service.name; empty: the application's name
  std::string otlp_resource_attributes = {};    // more of them: "deployment.environment.name=test, ..."
  bool otlp_disabled = false;                   // nothing is exported, whatever the endpoint
  // Which traces are exported: always_on, always_off, traceidratio; with parentbased_ in front, the caller's decision
  // is followed.
  std::string trace_sampler = "parentbased_always_on";
  double trace_sampler_ratio = 1;               // share of new traces, for traceidratio

  std::map<std::string, std::string, std::less<>> origins;   // of settings that are set, by name
};

// "orders, cart" -> {"orders", "cart"}; empty for an empty text.
std::vector<std::string> services_in(std::string_view only);

// The defaults for a program of this name: the journal of "shop" is ./shop-data/shop.db.
node_settings default_settings(std::string_view application);

// The settings as options, with "default" or an entry of `origins` as their origin. They refer to `s`, and set its
// values but not its origins.
std::vector<option> options_of(node_settings& s);

// A line per setting: name, value, origin, aligned. A secret's value is not shown, only whether it is set.
std::string describe(const node_settings& s);
// The same as a JSON array of the members that options have in a plan (describe): name, type, value, origin, expects,
// dynamic.
std::string describe_as_json(const node_settings& s);

// "127.0.0.1:8080", "localhost:0", "[::1]:8080" -> host (without brackets) and port.
struct listen_address {
  std::string host;
  std::uint16_t port = 0;
};
result<listen_address> parse_listen_address(std::string_view text);

// Where a client on this machine reaches what listens on `at`: "HOST:PORT", with the loopback address in place of all
// addresses: 127.0.0.1 for 0.0.0.0, [::1] for [::].
std::string destination_of(const listen_address& at);

}  // namespace banyan
