#include <banyan/http/client.hpp>

#include <banyan/http/server.hpp>

#include <tests/framework/http/a_server.hpp>
#include <tests/framework/http/certificates.hpp>
#include <tests/framework/http/program_peer.hpp>
#include <tests/framework/http/tls_layer.hpp>
#include <tests/framework/http/tls_table.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;
using test::certificates;
using test::openssl_server;

namespace {

using words = std::vector<std::string>;

std::string url(const std::string& host, std::uint16_t port, const std::string& target = "/") {
  return "https://" + host + ":" + std::to_string(port) + target;
}

std::future<result<http_response>> begin(http_client& client, http_request request, nanoseconds limit = raw::patience) {
  auto told = std::make_shared<std::promise<result<http_response>>>();
  client.send(std::move(request), system_clock().steady() + limit,
              [told](result<http_response> r) { told->set_value(std::move(r)); });
  return told->get_future();
}
result<http_response> get(http_client& client, const std::string& where, nanoseconds limit = raw::patience) {
  return begin(client, request_to("GET", where).value(), limit).get();
}

words serving(const std::string& name, words more = {}) {
  const auto& c = certificates::made();
  words all{"-cert", c.pem(name), "-key", c.key(name), "-www"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

words demanding_certificates(words more = {}) {
  words all{"-Verify", "1", "-verify_return_error", "-CAfile", certificates::made().pem("authority")};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// "-cipher" of openssl's server allows what its own default forbids.
words old(const char* version) { return {version, "-cipher", "ALL:@SECLEVEL=0"}; }

void echo(http_request r, completion<http_response> done) {
  done(http_response::text(r.method + (r.https ? " https " : " http ") + r.body));
}

}  // namespace

TEST_CASE("a client takes and refuses the certificates, versions and ciphers of openssl's server", "[http][tls]") {
  struct row {
    const char* name;
    words server;
    const char* host;
    const char* certificate;  // of the client
    std::string reason;       // empty: answered
  };
  const std::vector<row> rows{
      {"good certificate, by address, TLS 1.3", serving("edge", {"-tls1_3"}), "127.0.0.1", "", ""},
      {"good certificate, by name, TLS 1.2", serving("edge", {"-tls1_2"}), "localhost", "", ""},
      {"good client certificate, TLS 1.3", serving("edge", demanding_certificates({"-tls1_3"})), "127.0.0.1", "till",
       ""},
      {"good client certificate, TLS 1.2", serving("edge", demanding_certificates({"-tls1_2"})), "127.0.0.1", "till",
       ""},
      {"expired", serving("expired"), "127.0.0.1", "", "certificate_expired"},
      {"not yet valid", serving("not_yet"), "127.0.0.1", "", "certificate_not_yet_valid"},
      {"wrong host", serving("wrong_host"), "localhost", "", "certificate_wrong_host"},
      {"wrong address", serving("wrong_address"), "127.0.0.1", "", "certificate_wrong_host"},
      {"unknown authority", serving("unknown"), "127.0.0.1", "", "certificate_unknown_authority"},
      {"self-signed", serving("self_signed"), "127.0.0.1", "", "certificate_self_signed"},
      {"TLS 1.1 only", serving("edge", old("-tls1_1")), "127.0.0.1", "", "tls_version"},
      {"TLS 1.0 only", serving("edge", old("-tls1")), "127.0.0.1", "", "tls_version"},
      {"weak cipher: AES128-SHA only, TLS 1.2", serving("rsa", {"-tls1_2", "-cipher", "AES128-SHA"}), "localhost", "",
       "tls_handshake_failed"},
      {"no client certificate, TLS 1.3", serving("edge", demanding_certificates({"-tls1_3"})), "127.0.0.1", "",
       "client_certificate_required"},
      {"no client certificate, TLS 1.2", serving("edge", demanding_certificates({"-tls1_2"})), "127.0.0.1", "",
       "client_certificate_required"},
      {"client certificate of another authority, TLS 1.3", serving("edge", demanding_certificates({"-tls1_3"})),
       "127.0.0.1", "foreign_till", "client_certificate_refused"},
      {"client certificate of another authority, TLS 1.2", serving("edge", demanding_certificates({"-tls1_2"})),
       "127.0.0.1", "foreign_till", "client_certificate_refused"},
  };
  test::tls_table table{"our client, openssl s_server"};
  for (const auto& r : rows) {
    INFO(r.name);
    openssl_server server{r.server};
    http_client client{{.tls = certificates::made().client(r.certificate)}};
    const auto answer = get(client, url(r.host, server.port()));
    table.row(r.name, answer ? std::to_string(answer->status) : answer.error().reason,
              answer ? "" : std::string{to_string(answer.error().outcome)});
    if (r.reason.empty()) {
      REQUIRE(answer);
      CHECK(answer->status == 200);
      CHECK(client.counters().handshakes == 1);
      continue;
    }
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == code::unavailable);
    CHECK(answer.error().reason == r.reason);
    CHECK(answer.error().outcome == outcome::not_applied);
  }
}

TEST_CASE("a certificate that a client refuses is taken if it says so in full", "[http][tls]") {
  openssl_server server{serving("self_signed")};
  http_client client{{.tls = {.accept_any_certificate_insecurely = true}}};
  CHECK(get(client, url("127.0.0.1", server.port())));
}

TEST_CASE("the system's authorities are trusted by default, and no other", "[http][tls]") {
  openssl_server server{serving("edge")};
  http_client client;
  CHECK(get(client, url("127.0.0.1", server.port())).error().reason == "certificate_unknown_authority");
}

TEST_CASE("another name than the URL's host can be asked for", "[http][tls]") {
  openssl_server server{serving("wrong_host", {"-servername", "elsewhere.example", "-cert2",
                                               certificates::made().pem("wrong_host"), "-key2",
                                               certificates::made().key("wrong_host"), "-servername_fatal"})};
  auto options = certificates::made().client();
  options.server_name = "elsewhere.example";
  http_client client{{.tls = options}};
  CHECK(get(client, url("localhost", server.port())));
}

TEST_CASE("a session is resumed by the next connection, and both sides say so", "[http][tls]") {
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    openssl_server server{serving("edge", {version})};
    http_client client{{.tls = certificates::made().client()}};
    const auto where = url("127.0.0.1", server.port());
    const auto first = get(client, where);
    REQUIRE(first);
    CHECK(first->body.find("New, TLSv1") != std::string::npos);
    for (int i = 0; i < 3; ++i) {
      const auto next = get(client, where);
      REQUIRE(next);
      CHECK(next->body.find("Reused, TLSv1") != std::string::npos);
    }
    CHECK(client.counters().handshakes == 4);
    CHECK(client.counters().handshakes_resumed == 3);
  }
}

TEST_CASE("a peer that does not speak TLS is told from one that goes away", "[http][tls]") {
  http_client client{{.tls = certificates::made().client()}};
  const raw::server plain{[](raw::socket& c, int) {
    c.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    c.read_all();
  }};
  auto seen = get(client, url("127.0.0.1", plain.port()));
  CHECK(seen.error().reason == "not_tls");
  CHECK(seen.error().outcome == outcome::not_applied);
  const raw::server leaving{[](raw::socket& c, int) { c.read_through("\x01"); }};
  seen = get(client, url("127.0.0.1", leaving.port()));
  CHECK(seen.error().reason == "tls_handshake_failed");
  CHECK(seen.error().outcome == outcome::not_applied);
  CHECK(client.counters().handshakes_failed == 2);
}

TEST_CASE("a handshake that does not go on ends with the call, and with the time to connect", "[http][tls]") {
  const raw::server silent{[](raw::socket& c, int) { c.read_all(); }};
  http_client hasty{{.tls = certificates::made().client()}};
  const auto late = get(hasty, url("127.0.0.1", silent.port()), 50ms);
  CHECK(late.error().code == code::deadline_exceeded);
  CHECK(late.error().outcome == outcome::not_applied);
}

TEST_CASE("a handshake takes no longer than connections may take to open", "[http][tls]") {
  const raw::server silent{[](raw::socket& c, int) { c.read_all(); }};
  http_client client{{.connect_timeout = 20ms, .tls = certificates::made().client()}};
  const auto late = get(client, url("127.0.0.1", silent.port()));
  CHECK(late.error().reason == "connect_timeout");
  CHECK(late.error().outcome == outcome::not_applied);
}

TEST_CASE("calls over TLS share kept connections, and plain ones have their own", "[http][tls]") {
  const auto secure = test::serve({.tls = certificates::made().server()}, echo);
  const auto plain = test::serve({}, echo);
  http_client client{{.tls = certificates::made().client()}};
  for (int i = 0; i < 3; ++i) {
    CHECK(get(client, url("127.0.0.1", secure->port()))->body == "GET https ");
    CHECK(get(client, "http://127.0.0.1:" + std::to_string(plain->port()))->body == "GET http ");
  }
  CHECK(client.counters().connections_opened == 2);
  CHECK(client.counters().handshakes == 1);
  CHECK(secure->counters().handshakes == 1);
  CHECK(secure->counters().requests == 3);
}

// An answer may be read before the client's thread has handled that its request is sent.
TEST_CASE("a new connection is kept, however soon its first answer comes", "[http][tls]") {
  const auto server = test::serve({.tls = certificates::made().server()}, echo);
  constexpr int clients = 300;
  for (int i = 0; i < clients; ++i) {
    http_client client{{.tls = certificates::made().client()}};
    for (int call = 0; call < 2; ++call) REQUIRE(get(client, url("127.0.0.1", server->port())));
    REQUIRE(client.counters().connections_opened == 1);
  }
}

TEST_CASE("large bodies go both ways over TLS", "[http][tls]") {
  const auto server = test::serve({.tls = certificates::made().server(), .limits = {.body_bytes = 8'000'000}},
                                  [](http_request r, completion<http_response> done) {
                                    done(http_response::text(std::move(r.body)));
                                  });
  http_client client{{.tls = certificates::made().client()}};
  for (const std::size_t size : {1u, 16'383u, 16'384u, 16'385u, 40'000u, 5'000'000u}) {
    std::string body(size, 'q');
    for (std::size_t i = 0; i < size; i += 997) body[i] = static_cast<char>('a' + i % 26);
    const auto answer = begin(client, request_to("POST", url("127.0.0.1", server->port()), body).value()).get();
    REQUIRE(answer);
    CHECK((answer->body == body));
  }
  CHECK(client.counters().resent == 0);  // an answer may come before the write is told complete: then a new connection
}

TEST_CASE("an answer that ends with the stream is whole only if the end was announced", "[http][tls]") {
  for (const bool announced : {true, false}) {
    INFO(announced);
    const raw::server server{[&](raw::socket& plain, int) {
      test::tls_layer over{plain.fd(), true};
      std::string seen(4096, ' ');
      if (over.receive(seen.data(), seen.size()) <= 0) return;
      over.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf");
      if (announced) over.finish();
      plain.finish();
      plain.read_all();
    }};
    http_client client{{.tls = certificates::made().client()}};
    const auto answer = get(client, url("127.0.0.1", server.port()));
    if (announced) {
      REQUIRE(answer);
      CHECK(answer->body == "half");
    } else {
      REQUIRE_FALSE(answer);
      CHECK(answer.error().reason == "connection_lost");
      CHECK(answer.error().outcome == outcome::unknown);
    }
  }
}

TEST_CASE("a call over TLS whose connection is lost before its answer has an unknown outcome", "[http][tls]") {
  const raw::server server{[](raw::socket& plain, int) {
    test::tls_layer over{plain.fd(), true};
    std::string seen(4096, ' ');
    if (over.receive(seen.data(), seen.size()) <= 0) return;
    over.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    if (over.receive(seen.data(), seen.size()) <= 0) return;
    plain.finish();
    plain.read_all();
  }};
  http_client client{{.tls = certificates::made().client()}};
  REQUIRE(get(client, url("127.0.0.1", server.port())));
  const auto second = begin(client, request_to("POST", url("127.0.0.1", server.port())).value()).get();
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == outcome::unknown);
}

TEST_CASE("files that a client can not use fail its calls over https, and say which", "[http][tls]") {
  const auto& c = certificates::made();
  const auto refused = [](const tls_client_options& o) { return http_client::check({.tls = o}).error(); };
  CHECK(refused({.authority = "/no/such/file"}).field == "tls.authority");
  CHECK(refused({.authority = "/no/such/file"}).reason == "unreadable");
  CHECK(refused({.certificate = c.pem("till")}).field == "tls.key");
  CHECK(refused({.certificate = c.pem("till"), .key = c.key("edge")}).reason == "key_mismatch");
  CHECK(refused({.certificate = c.pem("till"), .key = c.key("locked")}).reason == "unreadable");
  CHECK(refused({.certificate = c.pem("expired_till"), .key = c.key("expired_till")}).reason == "certificate_expired");
  CHECK(http_client::check({.tls = c.client("till")}));

  http_client client{{.tls = {.authority = "/no/such/file"}}};
  const auto failed = get(client, "https://127.0.0.1:1/");
  CHECK(failed.error().code == code::invalid_argument);
  CHECK(failed.error().field == "tls.authority");
}

TEST_CASE("a client's certificate that is replaced is presented by its next connection", "[http][tls]") {
  const auto& c = certificates::made();
  const auto put = [&](const std::string& name) {
    const auto replace = [&](const std::string& from, const std::string& to) {
      std::filesystem::copy_file(from, to + ".new", std::filesystem::copy_options::overwrite_existing);
      std::filesystem::rename(to + ".new", to);
    };
    replace(c.pem(name), c.pem("live_client"));
    replace(c.key(name), c.key("live_client"));
  };
  put("foreign_till");
  const auto server =
      test::serve({.tls = c.server("edge", client_certificates::required)},
                  [](http_request r, completion<http_response> done) { done(http_response::text(r.client->subject)); });
  http_client client{{.tls = c.client("live_client")}};
  CHECK(get(client, url("127.0.0.1", server->port())).error().reason == "client_certificate_refused");
  put("till");
  REQUIRE(test::soon([&] {  // the files are looked at once a second
    const auto answer = get(client, url("127.0.0.1", server->port()));
    return answer && answer->body == "O=Shop,CN=till-7";
  }));
}
