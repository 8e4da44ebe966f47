#include <banyan/http/client.hpp>
#include <banyan/http/server.hpp>

#include <tests/framework/http/a_server.hpp>
#include <tests/framework/http/certificates.hpp>
#include <tests/framework/http/program_peer.hpp>
#include <tests/framework/http/tls_table.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace std::chrono_literals;
using test::certificates;
using test::hand_clock;
using test::program_peer;
using test::says;
using test::soon;

namespace {

using words = std::vector<std::string>;

const std::string last_request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

void tell_client(http_request r, completion<http_response> done) {
  done(http_response::text("client " + (r.client ? r.client->subject : std::string{"none"}) +
                           (r.https ? " https" : " http")));
}

// All that openssl's client says of one request to the server.
std::string ask(std::uint16_t port, words more = {}) {
  words all{"openssl",  "s_client", "-connect",    "127.0.0.1:" + std::to_string(port),
            "-CAfile",  certificates::made().pem("authority"), "-verify_return_error",
            "-ign_eof", "-servername", "localhost"};
  all.insert(all.end(), more.begin(), more.end());
  program_peer client{all};
  client.streams().send(last_request);
  return client.rest();
}

words presenting(const std::string& name) {
  return {"-cert", certificates::made().pem(name), "-key", certificates::made().key(name)};
}
words with(words some, const words& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

}  // namespace

TEST_CASE("a server takes and refuses what openssl's client offers", "[http][tls]") {
  const auto off = client_certificates::off, wanted = client_certificates::wanted,
             required = client_certificates::required;
  struct row {
    const char* name;
    client_certificates clients;
    words client;
    std::string said;  // by the client
    bool answered;
  };
  const std::vector<row> rows{
      {"TLS 1.3", off, {"-tls1_3"}, "client none https", true},
      {"TLS 1.2", off, {"-tls1_2"}, "client none https", true},
      {"name and chain verified by the client", off, {"-verify_hostname", "edge.example"}, "Verification: OK", true},
      {"ALPN http/1.1 among others", off, {"-alpn", "h2,http/1.1"}, "ALPN protocol: http/1.1", true},
      {"ALPN without http/1.1", off, {"-alpn", "h2"}, "no application protocol", false},
      {"TLS 1.1", off, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}, "alert protocol version", false},
      {"TLS 1.0", off, {"-tls1", "-cipher", "ALL:@SECLEVEL=0"}, "alert protocol version", false},
      {"weak cipher: AES128-SHA, TLS 1.2", off, {"-tls1_2", "-cipher", "AES128-SHA"}, "handshake failure", false},
      {"weak cipher: ECDHE with CBC, TLS 1.2", off, {"-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"},
       "handshake failure", false},
      {"client certificate wanted, none", wanted, {}, "client none https", true},
      {"client certificate wanted, good", wanted, presenting("till"), "client O=Shop,CN=till-7 https", true},
      {"client certificate wanted, of another authority", wanted, presenting("foreign_till"), "unknown ca", false},
      {"client certificate required, good, TLS 1.3", required, with({"-tls1_3"}, presenting("till")),
       "client O=Shop,CN=till-7 https", true},
      {"client certificate required, good, TLS 1.2", required, with({"-tls1_2"}, presenting("till")),
       "client O=Shop,CN=till-7 https", true},
      {"client certificate required, none, TLS 1.3", required, {"-tls1_3"}, "alert certificate required", false},
      {"client certificate required, none, TLS 1.2", required, {"-tls1_2"}, "handshake failure", false},
      {"client certificate required, expired", required, presenting("expired_till"), "certificate expired", false},
      {"client certificate required, of another authority", required, presenting("foreign_till"), "unknown ca", false},
  };
  test::tls_table table{"openssl s_client, our server"};
  for (const auto& r : rows) {
    INFO(r.name);
    const auto server = test::serve({.tls = certificates::made().server("edge", r.clients)}, tell_client);
    const auto said = ask(server->port(), r.client);
    INFO(said);
    table.row(r.name, says(said, r.said) ? r.said : "(not what was expected)", r.answered ? "answered" : "refused");
    CHECK(says(said, r.said));
    CHECK(says(said, "HTTP/1.1 200 OK") == r.answered);
    CHECK(soon([&] { return server->counters().handshakes_failed == (r.answered ? 0 : 1); }));
    CHECK(server->counters().handshakes == (r.answered ? 1 : 0));
    CHECK(server->counters().requests == (r.answered ? 1 : 0));
  }
}

TEST_CASE("curl is answered, with its own checks", "[http][tls]") {
  const auto server = test::serve({.tls = certificates::made().server()}, tell_client);
  const auto where = "https://localhost:" + std::to_string(server->port()) + "/";
  program_peer curl{{"curl", "-sS", "-v", "--cacert", certificates::made().pem("authority"), where, where}};
  const auto said = curl.rest();
  INFO(said);
  CHECK(says(said, "client none https"));
  CHECK(says(said, "SSL certificate verify ok"));
  CHECK(says(said, "server accepted http/1.1"));
  CHECK(server->counters().handshakes == 1);
  CHECK(server->counters().requests == 2);
  program_peer suspicious{{"curl", "-sS", where}};
  CHECK(says(suspicious.rest(), "unable to get local issuer certificate"));
  CHECK(soon([&] { return server->counters().handshakes_failed == 1; }));
}

TEST_CASE("openssl's client resumes its session, also one with a certificate", "[http][tls]") {
  for (const std::string version : {"-tls1_2", "-tls1_3"})
    for (const auto clients : {client_certificates::off, client_certificates::required}) {
      const auto server = test::serve({.tls = certificates::made().server("edge", clients)}, tell_client);
      const auto kept = (certificates::made().folder() / "session").string();
      auto first = with({version, "-sess_out", kept}, presenting("till"));
      CHECK(says(ask(server->port(), first), "New, TLSv1"));
      const auto next = ask(server->port(), with({version, "-sess_in", kept}, presenting("till")));
      INFO(next);
      CHECK(says(next, "Reused, TLSv1"));
      CHECK(says(next, clients == client_certificates::off ? "client none" : "client O=Shop,CN=till-7"));
      CHECK(server->counters().handshakes == 2);
      CHECK(server->counters().handshakes_resumed == 1);
    }
}

TEST_CASE("the names in a client's certificate are the request's", "[http][tls]") {
  std::promise<tls_peer_ptr> client;
  const auto server = test::serve({.tls = certificates::made().server("edge", client_certificates::required)},
                                  [&](http_request r, completion<http_response> done) {
                                    client.set_value(r.client);
                                    done(http_response::text("seen"));
                                  });
  REQUIRE(says(ask(server->port(), presenting("till")), "seen"));
  const auto seen = client.get_future().get();
  REQUIRE(seen);
  CHECK(seen->subject == "O=Shop,CN=till-7");
  CHECK(seen->dns_names == std::vector<std::string>{"till-7.example"});
  CHECK(seen->uris == std::vector<std::string>{"banyan://shop/till-7"});
  CHECK(seen->emails == std::vector<std::string>{"till@shop.example"});
}

TEST_CASE("a plain request to a port with TLS is told so", "[http][tls]") {
  const auto server = test::serve({.tls = certificates::made().server()}, tell_client);
  for (const std::string method : {"GET", "POST", "DELETE", "OPTIONS", "PRI"}) {
    auto c = raw::socket::connect(server->port());
    c.send(method + " / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto said = c.read_all();
    CHECK(test::status_of(said) == "HTTP/1.1 400 Bad Request");
    CHECK(says(said, "use https"));
  }
  CHECK(server->counters().plain_on_tls == 5);
  CHECK(server->counters().requests == 0);
}

TEST_CASE("garbage and handshakes that end are closed, and harm nobody", "[http][tls]") {
  const auto server = test::serve({.tls = certificates::made().server()}, tell_client);
  const std::string hello{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
  const std::string pieces[] = {std::string(300, '\0'), std::string(300, '\xff'), hello, hello + std::string(600, 'x'),
                                std::string{"\x80\x2e\x01\x00\x02", 5} + std::string(60, 'y'), "lower case"};
  for (const auto& piece : pieces) {
    auto c = raw::socket::connect(server->port());
    c.send(piece);
    c.finish();
    const auto said = c.read_all();
    CHECK((said.empty() || said[0] == '\x15'));  // nothing, or an alert
  }
  {
    auto c = raw::socket::connect(server->port());
    c.send(hello);
    c.reset();
  }
  CHECK(soon([&] { return server->counters().handshakes_failed == std::size(pieces) + 1; }));
  CHECK(soon([&] { return server->counters().connections_open == 0; }));
  CHECK(says(ask(server->port()), "HTTP/1.1 200 OK"));
}

TEST_CASE("a handshake that trickles in is cut off", "[http][tls]") {
  hand_clock clock;
  const auto server =
      test::serve({.tls = certificates::made().server(), .handshake_timeout = 5s, .clock = &clock}, tell_client);
  auto silent = raw::socket::connect(server->port());
  auto slow = raw::socket::connect(server->port());
  slow.send("\x16\x03");
  REQUIRE(soon([&] { return server->counters().connections_open == 2; }));
  clock.advance(3s);
  slow.send("\x01");
  clock.advance(3s);
  CHECK(silent.read_all().empty());
  CHECK(slow.read_all().empty());
  CHECK(soon([&] { return server->counters().handshake_timeouts == 2; }));
}

TEST_CASE("connections that do not shake hands are closed for new ones", "[http][tls]") {
  const auto server = test::serve({.tls = certificates::made().server(), .max_connections = 2}, tell_client);
  auto first = raw::socket::connect(server->port());
  auto second = raw::socket::connect(server->port());
  REQUIRE(soon([&] { return server->counters().connections_open == 2; }));
  CHECK(says(ask(server->port()), "HTTP/1.1 200 OK"));
  CHECK(first.read_all().empty());
  CHECK(server->counters().connections_spared == 1);
}

TEST_CASE("a certificate that is replaced is used for new connections, one that can not be used is not",
          "[http][tls]") {
  const auto& c = certificates::made();
  const auto put = [&](const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to + ".new", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(to + ".new", to);
  };
  put(c.pem("edge"), c.pem("live"));
  put(c.key("edge"), c.key("live"));
  hand_clock clock;
  std::mutex mutex;
  std::string reported;
  const auto server = test::serve({.tls = c.server("live"),
                                   .report =
                                       [&](std::string_view what, std::uint64_t) {
                                         const std::lock_guard lock{mutex};
                                         reported += std::string{what} + "\n";
                                       },
                                   .clock = &clock},
                                  tell_client);
  const auto report = [&] {
    const std::lock_guard lock{mutex};
    return reported;
  };
  test::tls_table table{"certificate replaced while running"};
  const auto subject = [&] {
    const auto said = ask(server->port());
    const auto at = said.find("subject=");
    return at == std::string::npos ? said : said.substr(at, said.find('\n', at) - at);
  };
  http_client client{{.tls = c.client()}};
  const auto get = [&] {
    std::promise<result<http_response>> told;
    client.send(request_to("GET", "https://127.0.0.1:" + std::to_string(server->port())).value(),
                system_clock().steady() + raw::patience,
                [&](result<http_response> r) { told.set_value(std::move(r)); });
    return told.get_future().get();
  };
  REQUIRE(get());
  CHECK(subject() == "subject=CN = edge");
  table.row("at the start", subject());

  put(c.pem("edge_2"), c.pem("live"));  // and its key is not there yet
  clock.advance(2s);
  REQUIRE(soon([&] { return server->counters().tls_reloads_failed == 1; }));
  CHECK(soon([&] { return says(report(), "it is not the key of the certificate"); }));
  CHECK(subject() == "subject=CN = edge");
  table.row("certificate replaced, key not yet", subject(), "reported, the earlier one stays");
  put(c.key("edge_2"), c.key("live"));
  clock.advance(2s);
  REQUIRE(soon([&] { return server->counters().tls_reloads == 1; }));
  CHECK(subject() == "subject=CN = edge-2");
  table.row("key replaced as well", subject());
  REQUIRE(get());  // over the connection that began with the first certificate
  CHECK(client.counters().connections_opened == 1);

  put(c.pem("expired"), c.pem("live"));
  put(c.key("expired"), c.key("live"));
  clock.advance(2s);
  REQUIRE(soon([&] { return says(report(), "it has expired"); }));
  CHECK(subject() == "subject=CN = edge-2");
  table.row("replaced by an expired one", subject(), "reported, the earlier one stays");
  CHECK(server->reload_tls().error().reason == "certificate_expired");
  std::filesystem::remove(c.key("live"));
  CHECK(server->reload_tls().error().field == "tls.key");
  CHECK(subject() == "subject=CN = edge-2");
  put(c.pem("edge"), c.pem("live"));
  put(c.key("edge"), c.key("live"));
  CHECK(server->reload_tls());
  CHECK(subject() == "subject=CN = edge");
  table.row("reload_tls()", subject());
}

TEST_CASE("files that a server can not use are refused at its start, and say which", "[http][tls]") {
  const auto& c = certificates::made();
  const auto refused = [](tls_server_options o) {
    const auto started = http_server::start({.tls = std::move(o)}, tell_client);
    return started ? error{} : started.error();
  };
  CHECK(refused({}).field == "tls.certificate");
  CHECK(refused({.certificate = c.pem("edge")}).field == "tls.key");
  CHECK(refused({.certificate = "/no/such/file", .key = c.key("edge")}).field == "tls.certificate");
  CHECK(refused({.certificate = "/no/such/file", .key = c.key("edge")}).reason == "unreadable");
  CHECK(refused({.certificate = c.pem("edge"), .key = c.pem("edge")}).field == "tls.key");
  CHECK(refused({.certificate = c.pem("edge"), .key = c.key("edge_2")}).reason == "key_mismatch");
  CHECK(refused({.certificate = c.pem("rsa"), .key = c.key("locked")}).reason == "unreadable");
  CHECK(refused(c.server("expired")).reason == "certificate_expired");
  CHECK(refused(c.server("not_yet")).reason == "certificate_not_yet_valid");
  auto without = c.server("edge", client_certificates::required);
  without.client_authority.clear();
  CHECK(refused(without).field == "tls.client_authority");
  CHECK(http_server::start({.tls = c.server("rsa")}, tell_client));
}

TEST_CASE("with TLS a server may listen where others can reach it", "[http][tls]") {
  CHECK(http_server::check({.address = "0.0.0.0"}).error().reason == "plaintext");
  CHECK(http_server::check({.address = "0.0.0.0", .tls = certificates::made().server()}));
}
