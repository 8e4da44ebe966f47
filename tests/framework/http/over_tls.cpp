// Linked to the tests of the server and the client, this makes all their connections use TLS.
#include <tests/framework/http/a_server.hpp>
#include <tests/framework/http/tls_layer.hpp>

#include <csignal>

namespace {

const bool set = [] {
  using namespace banyan::test;
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own sockets
  tls_of_servers = certificates::made().server();
  raw::every_layer = [](int descriptor, bool as_server) { return std::make_unique<tls_layer>(descriptor, as_server); };
  return true;
}();

}  // namespace
