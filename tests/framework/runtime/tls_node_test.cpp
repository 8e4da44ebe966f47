#include <banyan/http/client.hpp>
#include <banyan/runtime/serving.hpp>
#include <banyan/test_kit/http_client.hpp>

#include <tests/framework/http/certificates.hpp>
#include <tests/framework/http/raw_peer.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <catch2/catch.hpp>

#include <future>

using namespace banyan;
using banyan::test::certificates;
using banyan::test::lantern;
using banyan::test::the_catalog;

namespace {

node_settings secure_settings() {
  auto s = default_settings("test");
  s.data = (certificates::made().folder() / "data").string();
  s.listen = s.admin = "127.0.0.1:0";
  s.threads = 2;
  s.tls_certificate = certificates::made().pem("edge");
  s.tls_key = certificates::made().key("edge");
  configure_logging({.level = log_level::off});
  return s;
}

result<http_response> send(http_client& client, http_request request) {
  std::promise<result<http_response>> told;
  client.send(std::move(request), system_clock().steady() + raw::patience,
              [&](result<http_response> r) { told.set_value(std::move(r)); });
  return told.get_future().get();
}

}  // namespace

TEST_CASE("a node with a certificate serves https, also where others can reach it, and says so", "[serving][tls]") {
  const auto app = the_catalog();
  auto settings = secure_settings();
  settings.listen = "0.0.0.0:0";
  REQUIRE(check_listening(settings).empty());
  auto node = serving::start(app, settings);
  REQUIRE(node);
  CHECK((*node)->url() == "https://0.0.0.0:" + std::to_string((*node)->port()));
  CHECK((*node)->operations_url().starts_with("http://127.0.0.1:"));

  http_client client{{.tls = certificates::made().client()}};
  const auto host = "127.0.0.1:" + std::to_string((*node)->port());
  const auto document = send(client, request_to("GET", "https://" + host + "/openapi.json").value());
  REQUIRE(document);
  CHECK(document->status == 200);
  // The origin of its own pages is of https.
  const auto put_from = [&](const std::string& origin) {
    auto put = request_to("PUT", "https://" + host + "/products/A1", lantern).value();
    put.headers.set("Content-Type", "application/json");
    put.headers.set("Origin", origin + host);
    const auto answer = send(client, std::move(put));
    return answer ? answer->status : 0;
  };
  CHECK(put_from("https://") == 200);
  CHECK(put_from("http://") == 403);
  test_kit::blocking_http_client operations{(*node)->operations_port()};
  CHECK(operations.get("/metrics").body.find("banyan_http_tls_handshakes_total{result=\"full\"} 1") !=
        std::string::npos);
  CHECK((*node)->stop());
}

TEST_CASE("a node says which of its files for TLS it can not use, before it starts", "[serving][tls]") {
  const auto& c = certificates::made();
  const auto first = [](const node_settings& s) {
    const auto found = check_listening(s);
    return found.empty() ? problem{} : found.front();
  };
  auto settings = secure_settings();
  settings.tls_key.clear();
  CHECK(first(settings).where == "tls_key");
  settings.tls_key = c.key("edge_2");
  CHECK(first(settings).where == "tls_key");
  CHECK(first(settings).sentence.find("it is not the key of the certificate") != std::string::npos);
  settings.tls_certificate = c.pem("expired");
  settings.tls_key = c.key("expired");
  CHECK(first(settings).where == "tls_certificate");
  CHECK(first(settings).sentence.find("it has expired") != std::string::npos);
  settings = secure_settings();
  settings.tls_client_certificates = "required";
  CHECK(first(settings).where == "tls_client_authority");
  settings.tls_client_authority = c.pem("authority");
  CHECK(check_listening(settings).empty());
  settings.tls_certificate.clear();
  settings.tls_key.clear();
  CHECK(first(settings).where == "tls_certificate");
}
