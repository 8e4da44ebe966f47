// The settings of a node, as opposed to those of its services (which are in the plan): where it listens, where its data lives, how much it
// says. They come from the same sources, with the same rules; see configuration.hpp. At the top of the file, before any table:
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
  std::string data = "./data";                  // folder of everything the node stores
  std::string listen = "127.0.0.1:8080";        // the services' HTTP API
  std::string admin = "127.0.0.1:8081";         // operations page, metrics, health
  // Hosts that a request may name, beside the addresses above and localhost: "shop.example, .internal"; "*" is any (http/host_rules.hpp).
  std::string allowed_hosts;
  std::int64_t max_connections = 0;   // of the services' API; 0: what the limit of open files leaves
  std::int64_t max_buffered_bytes = 256 * 1024 * 1024;   // of bodies and answers under way, over all connections
  bool plaintext = false;                       // may listen without TLS on an address that other machines reach
  int threads = 0;                              // that run actors; 0: one per core, at least two
  std::int64_t max_lag = 1000;                  // events; the node is not ready while a projection is further behind
  timespan request_deadline = std::chrono::seconds{10};   // of an HTTP request that names none
  // When it is told to stop: how long it goes on while /readyz says no, so that load balancers stop sending. About two of their probes.
  timespan drain_lead;
  std::string allowed_origins = "";             // besides our own, whose pages may change something: "https://shop.example, ..."
  int max_per_service = 512;                    // requests under way to one service; beyond: 503. 0: any number
  int max_waiting = 256;                        // queries that wait for one view to reach the position they present; 0: any number
  timespan drain_timeout = std::chrono::seconds{10};      // for requests under way when the node is told to stop
  std::string only = {};                        // services to run here, with commas between them; empty: all
  std::string operator_token = {};              // who has it may change things through the operations port; none: nobody may
  std::string log_level = "info";               // trace, debug, info, warning, error, off
  std::string log_format = "text";              // text, json

  std::map<std::string, std::string, std::less<>> origins;   // of the settings that are not at their default, by name
};

// "orders, cart" -> {"orders", "cart"}; empty for an empty text.
std::vector<std::string> services_in(std::string_view only);

// What a program of this name starts with: "shop" keeps its journal in ./shop-data/shop.db.
node_settings default_settings(std::string_view application);

// The settings as options, whose origin is "default" or the one in `origins`. They refer to `s` and set its values, not its origins.
std::vector<option> options_of(node_settings& s);

// One line each: name, value, origin, aligned. Of a secret only whether it is set.
std::string describe(const node_settings& s);

// "127.0.0.1:8080", "localhost:0", "[::1]:8080" -> host (without brackets) and port.
struct listen_address {
  std::string host;
  std::uint16_t port = 0;
};
result<listen_address> parse_listen_address(std::string_view text);

}  // namespace banyan
