// Who may speak with whom: certificates, names, and machines of others.
#include <tests/framework/engines/framed_transport/certificates.hpp>
#include <tests/framework/engines/framed_transport/held_calls.hpp>

#include <fstream>

using namespace framed_test;
using test::certificate_authority;
using test::node_uri;

namespace {

// A call from a node with one certificate to a node with another; the caller wants to speak with "stock-1".
std::string called(tls_files here, tls_files there, std::string application = "shop") {
  node_pair n{{.identity = {"shop", "stock-1", std::move(there)}},
              {.identity = {std::move(application), "front-1", std::move(here)}}};
  auto answer = n.ask("A").get();
  CHECK(n.held.count() == (answer ? 1u : 0u));
  if (answer) return "answered";
  CHECK(answer.error().code == code::unavailable);
  CHECK(answer.error().outcome == outcome::not_applied);
  return answer.error().reason;
}

}  // namespace

TEST_CASE("nodes of one application and one authority speak with each other", "[framed][identity]") {
  certificate_authority ours;
  CHECK(called(ours.issue(node_uri("front-1")), ours.issue(node_uri("stock-1"))) == "answered");
}

TEST_CASE("a certificate of another authority is refused by either side", "[framed][identity]") {
  certificate_authority ours, theirs;
  auto stranger = theirs.issue(node_uri("front-1"));
  auto impostor = theirs.issue(node_uri("stock-1"));
  SECTION("the caller's, which trusts ours") {
    stranger.authority = ours.file();
    CHECK(called(stranger, ours.issue(node_uri("stock-1"))) == "certificate_refused");
  }
  SECTION("the called node's, which trusts ours") {
    impostor.authority = ours.file();
    CHECK(called(ours.issue(node_uri("front-1")), impostor) == "certificate_refused");
  }
}

TEST_CASE("a certificate of the right authority with another name is refused", "[framed][identity]") {
  certificate_authority ours;
  SECTION("another node than the one that is called") {
    CHECK(called(ours.issue(node_uri("front-1")), ours.issue(node_uri("stock-2"))) == "certificate_refused");
    CHECK(called(ours.issue(node_uri("front-1")), ours.issue(node_uri("stock-11"))) == "certificate_refused");
  }
  SECTION("another application calls") {
    CHECK(called(ours.issue(node_uri("front-1", "bank")), ours.issue(node_uri("stock-1"))) == "not_accepted");
  }
  SECTION("no node at all calls") {
    CHECK(called(ours.issue("https://front-1"), ours.issue(node_uri("stock-1"))) == "not_accepted");
    CHECK(called(ours.issue(node_uri("a/b")), ours.issue(node_uri("stock-1"))) == "not_accepted");
  }
  SECTION("it says that it is of another application") {
    CHECK(called(ours.issue(node_uri("front-1")), ours.issue(node_uri("stock-1")), "bank") == "certificate_refused");
    CHECK(called({}, {}, "bank") == "not_accepted");
  }
}

TEST_CASE("one side without TLS gets nothing done", "[framed][identity]") {
  certificate_authority ours;
  CHECK(called({}, ours.issue(node_uri("stock-1"))) == "handshake_failed");
  CHECK(called(ours.issue(node_uri("front-1")), {}) == "certificate_refused");
}

TEST_CASE("without TLS other machines are neither called nor listened to", "[framed][identity]") {
  node_pair n;
  for (const char* address : {"192.0.2.1:7000", "[2001:db8::1]:7000", "0.0.0.0:7000"}) {
    const auto refused = test::call(*n.calls, {"stock-1", address}, n.get, get_price{"A", {}}).refusal();
    CHECK(refused.code == code::invalid_argument);
    CHECK(refused.reason == "plaintext");
    CHECK(refused.outcome == outcome::not_applied);
  }
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1"}) {
    const auto refused =
        call_listener::start({.identity = {"shop", "stock-1"}, .address = address}, n.held.handler(), n.metrics);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "plaintext");
    CHECK(refused.error().field == "address");
  }
}

TEST_CASE("options that can not work are refused at once, by their name", "[framed][identity]") {
  certificate_authority ours, theirs;
  metrics_registry metrics;
  const auto field = [&](framed_transport_options o) {
    const auto made = make_framed_transport(std::move(o), metrics);
    return made ? "" : made.error().field;
  };
  const auto good = ours.issue(node_uri("front-1"));
  auto missing = good, other_key = good, no_authority = good;
  missing.certificate = good.certificate + ".gone";
  other_key.key = ours.issue(node_uri("front-2")).key;
  no_authority.authority = {};
  CHECK(field({.identity = {"shop", "front-1", missing}}) == "identity.tls.certificate");
  CHECK(field({.identity = {"shop", "front-1", other_key}}) == "identity.tls.key");
  CHECK(field({.identity = {"shop", "front-1", no_authority}}) == "identity.tls.authority");
  CHECK(field({.identity = {"shop shop", "front-1"}}) == "identity.application");
  CHECK(field({.identity = {"shop", "front\r\n1"}}) == "identity.node");
  CHECK(field({.identity = {"shop", "front-1"}, .limits = {.max_calls = 0}}) == "limits.max_calls");
  CHECK(field({.identity = {"shop", "front-1"}, .connect_timeout = 0s}) == "connect_timeout");
  CHECK(field({.identity = {"shop", "front-1", good}}) == "");
}
