#include <shop/http_transport.hpp>

#include <banyan/http/client.hpp>

namespace shop {

transport http_transport(std::size_t connections, banyan::timespan deadline) {
  auto client = std::make_shared<banyan::http_client>(banyan::http_client_options{.max_connections_per_endpoint = connections});
  return [client, deadline](banyan::http_request request, banyan::completion<banyan::http_response> done) {
    client->send(std::move(request), banyan::add_saturating(banyan::system_clock().steady(), deadline), std::move(done));
  };
}

}  // namespace shop
