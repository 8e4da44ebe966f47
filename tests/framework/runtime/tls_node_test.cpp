#include <banyan/http/client.hpp>
#include <banyan/runtime/operations_client.hpp>
#include <banyan/runtime/serving.hpp>
#include <banyan/test_kit/http_client.hpp>

#include <tests/framework/http/certificates.hpp>
#include <tests/framework/http/raw_peer.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
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

const std::string token = "a-token-of-an-operator";

// With TLS of the operations port, too, which others can reach.
node_settings secure_operations(const std::string& name = "edge") {
  auto s = secure_settings();
  s.admin = "0.0.0.0:0";
  s.admin_tls_certificate = certificates::made().pem(name);
  s.admin_tls_key = certificates::made().key(name);
  s.operator_token = token;
  return s;
}

operations_url secure_address(const serving& node) {
  return {.is_https = true, .authority = "127.0.0.1:" + std::to_string(node.operations_port())};
}

// The answer to an operator who trusts these authorities.
result<std::string> streams_of(const serving& node, const tls_client_options& tls) {
  return operations_client{secure_address(node), token, {.tls = tls}}.protected_page("/streams");
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

TEST_CASE("the operations port serves https, also where others can reach it, and clients verify it", "[serving][tls]") {
  const auto& c = certificates::made();
  const auto app = the_catalog();
  const auto settings = secure_operations("edge_2");
  REQUIRE(check_listening(settings).empty());
  auto node = serving::start(app, settings);
  REQUIRE(node);
  CHECK((*node)->operations_url() == "https://0.0.0.0:" + std::to_string((*node)->operations_port()));

  operations_client client{secure_address(**node), token, {.tls = c.client()}};
  CHECK(client.page("/topology"));
  CHECK(client.protected_page("/streams"));
  CHECK(client.text("/plan?form=text", "text/plain; charset=utf-8"));
  // The operations page is of https, and its buttons are no foreign page's.
  http_client browser{{.tls = c.client()}};
  const auto press = [&](const std::string& scheme) {
    const auto address = "127.0.0.1:" + std::to_string((*node)->operations_port());
    auto post = request_to("POST", "https://" + address + "/parked/product_search/catalog-A1/replay").value();
    post.headers.set("Origin", scheme + address);
    post.headers.set("Authorization", "Bearer " + token);
    const auto answer = send(browser, std::move(post));
    return answer ? answer->status : 0;
  };
  CHECK(press("https://") == 404);  // no such stream is parked
  CHECK(press("http://") == 403);
  // Plain HTTP is not answered with a page.
  CHECK_FALSE((operations_client{{.authority = secure_address(**node).authority}, ""}.page("/topology")));

  const auto why = [&](const tls_client_options& tls) {
    const auto got = streams_of(**node, tls);
    return got ? std::string{} : to_string(got.error());
  };
  const auto address = secure_address(**node).authority;
  CHECK(why({.authority = c.pem("other_authority")}).starts_with("unavailable: no node answers at " + address));
  auto elsewhere = c.client();
  elsewhere.server_name = "elsewhere.example";
  CHECK(why(elsewhere).starts_with("unavailable: no node answers at " + address));
  CHECK(why({.authority = c.pem("nothing")}).starts_with("invalid_argument: the node can not be asked at " + address));
  CHECK((*node)->stop());
}

TEST_CASE("the operations port can ask for certificates of clients", "[serving][tls]") {
  const auto& c = certificates::made();
  const auto app = the_catalog();
  auto settings = secure_operations();
  settings.admin_tls_client_certificates = "required";
  settings.admin_tls_client_authority = c.pem("authority");
  auto node = serving::start(app, settings);
  REQUIRE(node);
  CHECK(streams_of(**node, c.client("till")));
  CHECK_FALSE(streams_of(**node, c.client()));
  CHECK_FALSE(streams_of(**node, c.client("foreign_till")));
  // The services' API asks for none.
  http_client customer{{.tls = c.client()}};
  const auto document = send(customer, request_to("GET", "https://127.0.0.1:" + std::to_string((*node)->port()) +
                                                            "/openapi.json").value());
  CHECK((document && document->status == 200));
  CHECK((*node)->stop());
}

TEST_CASE("the operations port uses a certificate that is replaced while it runs", "[serving][tls]") {
  const auto& c = certificates::made();
  const auto replace = [&](const std::string& by) {
    for (const auto* kind : {".key", ".pem"}) {
      const auto to = c.folder() / (std::string{"operations"} + kind);
      std::filesystem::copy_file(c.folder() / (by + kind), to.string() + ".new");
      std::filesystem::rename(to.string() + ".new", to);
    }
  };
  replace("edge");
  const auto app = the_catalog();
  const auto settings = secure_operations("operations");
  auto node = serving::start(app, settings);
  REQUIRE(node);
  const tls_client_options other{.authority = c.pem("other_authority")};
  CHECK(streams_of(**node, c.client()));
  CHECK_FALSE(streams_of(**node, other));
  replace("unknown");  // of the other authority
  const auto until = system_clock().steady() + raw::patience;
  while (!streams_of(**node, other) && system_clock().steady() < until) {}
  CHECK(streams_of(**node, other));
  CHECK_FALSE(streams_of(**node, c.client()));
  CHECK((*node)->stop());
}

TEST_CASE("a node says which files for TLS of its operations port it can not use, before it starts", "[serving][tls]") {
  const auto& c = certificates::made();
  const auto first = [](const node_settings& s) {
    const auto found = check_listening(s);
    return found.empty() ? problem{} : found.front();
  };
  auto settings = secure_operations();
  settings.admin_tls_key.clear();
  CHECK(first(settings).where == "admin_tls_key");
  settings.admin_tls_key = c.key("edge_2");
  CHECK(first(settings).where == "admin_tls_key");
  CHECK(first(secure_operations("expired")).where == "admin_tls_certificate");
  settings = secure_operations();
  settings.admin_tls_client_certificates = "required";
  CHECK(first(settings).where == "admin_tls_client_authority");
  settings.admin_tls_client_authority = c.pem("authority");
  CHECK(check_listening(settings).empty());
  settings.admin = "127.0.0.1:0";
  settings.admin_tls_certificate.clear();
  settings.admin_tls_key.clear();
  CHECK(first(settings).where == "admin_tls_certificate");
}

TEST_CASE("beyond loopback the operations port needs TLS or the word plaintext, as the edge does", "[serving][tls]") {
  auto settings = secure_settings();
  settings.operator_token = token;
  settings.admin = "0.0.0.0:0";
  const auto found = check_listening(settings);
  REQUIRE(found.size() == 1);
  CHECK(found[0].where == "admin");
  CHECK(found[0].sentence.find("set plaintext = true") != std::string::npos);
  CHECK(found[0].sentence.find("set admin_tls_certificate and admin_tls_key") != std::string::npos);
  const auto app = the_catalog();
  CHECK_FALSE(serving::start(app, settings));

  settings.plaintext = true;
  auto node = serving::start(app, settings);
  REQUIRE(node);
  const auto anywhere = "0.0.0.0:" + std::to_string((*node)->operations_port());
  operations_client careful{{.authority = anywhere}, token};
  const auto refused = careful.protected_page("/streams");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == code::invalid_argument);
  CHECK(refused.error().reason == "plaintext");
  CHECK(refused.error().message == "the operator's token would be sent unencrypted to " + anywhere +
                                       ": ask it over https, or allow it by --plaintext");
  CHECK(careful.ask("POST", "/links/a/b/breaker/auto").error().reason == "plaintext");
  CHECK(careful.page("/topology"));  // without the token
  CHECK((operations_client{{.authority = anywhere}, token, {.plaintext = true}}.protected_page("/streams")));
  for (const auto* here : {"127.0.0.1:", "localhost:"}) {
    CAPTURE(here);
    const operations_url url{.authority = here + std::to_string((*node)->operations_port())};
    CHECK((operations_client{url, token}.protected_page("/streams")));
  }
  CHECK((*node)->stop());
}
