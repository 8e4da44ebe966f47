// Options of TLS for the HTTP client and server (http/client.hpp, http/server.hpp), and what is known of a peer.
//
//   http_server::start({.port = 8443, .tls = tls_server_options{.certificate = "edge.pem", .key = "edge.key"}},
//                      answer);
//   http_client client{{.tls = {.authority = "our-authority.pem"}}};  // for https:// URLs
//
// Files are PEM. Versions 1.2 and 1.3 are spoken, 1.2 only with ECDHE and an AEAD cipher; no compression, no
// renegotiation, no early data. Both sides read files again when they have changed; if the new ones are not usable, the
// last good ones stay in use, and a server reports the reason.
//
// A certificate of our own that is unreadable, that its key does not fit, or that is not valid at present is refused
// when it is read: invalid_argument, `field` names the option ("tls.certificate", "tls.key", "tls.authority",
// "tls.client_authority"), reason "unreadable", "key_mismatch", "certificate_expired" or "certificate_not_yet_valid".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace banyan {

struct tls_client_options {
  std::string authority = {};    // certificates that are trusted; empty: those of the system
  std::string certificate = {};  // of this client, with its chain; empty: none
  std::string key = {};          // of `certificate`
  // The name that servers' certificates must have, and that is sent as SNI; empty: the host of the URL.
  std::string server_name = {};
  // Accepts any certificate of any server, so that anyone in between can read and change everything.
  bool accept_any_certificate_insecurely = false;
};

enum class client_certificates : std::uint8_t {
  off,       // not asked for
  wanted,    // a client may have none; a certificate that is not of client_authority ends the handshake
  required,  // a client without one is refused
};

struct tls_server_options {
  std::string certificate = {};       // with its chain
  std::string key = {};
  std::string client_authority = {};  // issues the certificates of clients; needed unless `clients` is off
  client_certificates clients = client_certificates::off;
};

// The names in a verified certificate of the other side.
struct tls_peer {
  std::string subject;                 // RFC 2253: "CN=till-7,O=Shop"
  std::vector<std::string> dns_names;  // subject alternative names by kind
  std::vector<std::string> uris;
  std::vector<std::string> emails;
};
using tls_peer_ptr = std::shared_ptr<const tls_peer>;

}  // namespace banyan
