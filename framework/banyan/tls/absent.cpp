// The room in a build without OpenSSL: options of TLS are refused.
#include <banyan/tls/client_context.hpp>
#include <banyan/tls/server_context.hpp>

namespace banyan::tls {

namespace {

error absent() {
  return error{code::unimplemented, "this Banyan was built without TLS; build it with -DBANYAN_WITH_TLS=ON"}
      .because("no_tls")
      .at("tls");
}

}  // namespace

result<std::shared_ptr<client_context>> make_client_context(const tls_client_options&) { return absent(); }
result<std::shared_ptr<server_context>> make_server_context(const tls_server_options&) { return absent(); }

}  // namespace banyan::tls
