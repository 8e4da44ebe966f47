// Calls to an HTTP API, against the project's own server and raw sockets.
#include <banyan/engines/http_upstream/http_upstream_transport.hpp>

#include <banyan/core/money.hpp>
#include <banyan/http/client.hpp>
#include <banyan/http/server.hpp>

#include <tests/framework/http/raw_peer.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <future>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct charged {
  std::string id;
  money amount;
};
BOOST_DESCRIBE_STRUCT(charged, (), (id, amount))
struct charge_card {
  using reply = charged;
  std::string key, card;
  money amount;
};
BOOST_DESCRIBE_STRUCT(charge_card, (), (key, card, amount))
struct get_charge {
  using reply = charged;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(get_charge, (), (key))
struct forget_charge {
  using reply = done;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(forget_charge, (), (key))

const std::vector<http_call> calls{call<charge_card>("POST /charges"), call<get_charge>("GET /charges/{key}"),
                                   call<forget_charge>("DELETE /charges/{key}")};

operation operation_of(const http_call& c, idempotent how) {
  auto o = c.of;
  o.name = "acquirer." + o.name;
  o.how = how;
  return o;
}

struct upstream {
  explicit upstream(http_handler handler, const std::string& path = {}) {
    auto started = http_server::start({}, std::move(handler));
    REQUIRE(started);
    server = std::move(*started);
    open("http://127.0.0.1:" + std::to_string(server->port()) + path);
  }
  explicit upstream(std::uint16_t port) { open("http://127.0.0.1:" + std::to_string(port)); }
  explicit upstream(const std::string& url) { open(url); }
  void open(const std::string& url) {
    auto opened = open_http_upstream({.to = url, .calls = calls});
    REQUIRE(opened);
    by = *opened;
    to = endpoints_of(url)->front();
  }

  template <class Request>
  result<remote_answer> ask(Request r, idempotent how = idempotent::always, context_ptr context = {},
                            nanoseconds limit = 10s) {
    for (const auto& c : calls) {
      if (c.of.request != type_of<Request>()) continue;
      asked = operation_of(c, how);
      auto m = make_message<Request>(std::move(r));
      m->context = std::move(context);
      std::promise<result<remote_answer>> told;
      const auto attempt = by->send(to, asked, *m, system_clock().steady() + limit,
                                    [&](result<remote_answer> a) { told.set_value(std::move(a)); });
      return told.get_future().get();
    }
    return error{code::internal, "no such call"};
  }

  std::unique_ptr<http_server> server;
  std::shared_ptr<upstream_transport> by;
  endpoint to;
  operation asked;
};

}  // namespace

TEST_CASE("a call is an HTTP request, and its 2xx body the reply", "[http_upstream]") {
  http_request seen;
  upstream u{[&](http_request r, completion<http_response> done) {
               seen = r;
               done(http_response::json_text(R"({"id":"c1","amount":{"minor":5,"currency":"GBP"},"new":true})", 201));
             },
             "/v1/"};
  auto answer = u.ask(charge_card{"k", "tok", {5, "GBP"}});
  REQUIRE(answer);
  CHECK(answer->value->as<charged>().id == "c1");
  CHECK(answer->value->as<charged>().amount == money{5, "GBP"});
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/v1/charges");
  CHECK(seen.body == R"({"key":"k","card":"tok","amount":{"minor":5,"currency":"GBP"}})");
  CHECK(seen.headers.get("Content-Type") == "application/json");
  CHECK(u.ask(get_charge{"a b+c"}));
  CHECK(seen.target == "/v1/charges/a%20b%2Bc");
}

TEST_CASE("deadline, trace and the key of the command travel with the call", "[http_upstream]") {
  http_request seen;
  upstream u{[&](http_request r, completion<http_response> done) {
    seen = std::move(r);
    done(http_response::json_text(R"({"id":"c1","amount":{"minor":5,"currency":"GBP"}})"));
  }};
  auto context = std::make_shared<message_context>();
  context->trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  context->trace_state = std::make_shared<const std::string>("rojo=1,congo=2");
  context->command = uuid_from_name("test", "command");
  CHECK(u.ask(charge_card{"k", "tok", {5, "GBP"}}, idempotent::by_key, context, 5s));
  CHECK(seen.headers.get("traceparent") == context->trace);
  CHECK(seen.headers.get("tracestate") == "rojo=1,congo=2");
  CHECK(seen.headers.get("Idempotency-Key") == to_string(context->command));
  const auto left = std::stoi(std::string{seen.headers.get("X-Banyan-Deadline-Ms")});
  CHECK(left <= 5000);
  CHECK(left > 1000);
  CHECK(u.ask(get_charge{"k"}, idempotent::always, context));
  CHECK(seen.headers.get("Idempotency-Key").empty());
}

TEST_CASE("an answer without a body is an empty record", "[http_upstream]") {
  upstream u{[](http_request, completion<http_response> done) { done(http_response{204, {}, ""}); }};
  CHECK(u.ask(forget_charge{"k"}));
}

TEST_CASE("other statuses are errors, with what they say of themselves", "[http_upstream]") {
  int status = 0;
  upstream u{[&](http_request, completion<http_response> done) {
    if (status == 0) return done(error{code::refused, "no money"}.because("insufficient_funds"));
    http_response r{status, {}, "not JSON"};
    if (status == 503) r.headers.add("Retry-After", "7");
    done(std::move(r));
  }};
  const auto refused = u.ask(get_charge{"k"}).error();
  CHECK(refused.code == code::refused);
  CHECK(refused.reason == "insufficient_funds");
  status = 404;
  CHECK(u.ask(get_charge{"k"}).error().code == code::not_found);
  status = 503;
  const auto busy = u.ask(get_charge{"k"}).error();
  CHECK(busy.code == code::unavailable);
  CHECK(busy.retry_after == 7s);
  status = 429;
  CHECK(u.ask(get_charge{"k"}).error().code == code::exhausted);
}

TEST_CASE("a reply that does not decode leaves the outcome unknown", "[http_upstream]") {
  std::string body = R"({"id":7,"amount":{"minor":5,"currency":"GBP"}})";
  upstream u{[&](http_request, completion<http_response> done) { done(http_response::json_text(body)); }};
  for (const char* bad : {R"({"id":7,"amount":{"minor":5,"currency":"GBP"}})", "{", "[]", "null", R"({"id":"c1"})"}) {
    body = bad;
    const auto why = u.ask(get_charge{"k"}).error();
    CHECK(why.code == code::internal);
    CHECK(why.reason == "bad_reply");
    CHECK(why.outcome == outcome::unknown);
  }
}

TEST_CASE("an upstream that is not there, and one that answers too late", "[http_upstream]") {
  std::uint16_t nobody = 0;
  {
    const raw::server s{[](raw::socket&, int) {}};
    nobody = s.port();
  }
  upstream gone{nobody};
  const auto refused = gone.ask(get_charge{"k"}).error();
  CHECK(refused.code == code::unavailable);
  CHECK(refused.reason == "connection_refused");
  CHECK(refused.outcome == outcome::not_applied);
  std::vector<completion<http_response>> held;
  upstream slow{[&](http_request, completion<http_response> done) { held.push_back(std::move(done)); }};
  const auto late = slow.ask(charge_card{"k", "tok", {5, "GBP"}}, idempotent::by_key, {}, 50ms).error();
  CHECK(late.code == code::deadline_exceeded);
  CHECK(late.outcome == outcome::unknown);
}

TEST_CASE("what can not be called over HTTP says so", "[http_upstream]") {
  upstream u{[](http_request, completion<http_response> done) { done(http_response{204, {}, ""}); }};
  const auto unknown = u.ask(get_charge{".."}).error();
  CHECK(unknown.code == code::invalid_argument);
  CHECK(open_http_upstream({.to = "", .calls = calls}).error().field == "to");
  u.to.address = "http://127.0.0.1:1";  // not one that it was opened for
  const auto elsewhere = u.ask(get_charge{"k"}).error();
  CHECK(elsewhere.reason == "no_endpoint");
  CHECK(elsewhere.outcome == outcome::not_applied);
}

TEST_CASE("a call to an https URL is not sent in plain text", "[http_upstream]") {
  if (!http_client::check({})) return;  // a build without TLS
  std::atomic<char> first{0};
  const raw::server peer{[&](raw::socket& c, int) {
    char byte = 0;
    if (::recv(c.fd(), &byte, 1, 0) == 1) first = byte;
  }};
  upstream u{"https://127.0.0.1:" + std::to_string(peer.port())};
  const auto lost = u.ask(charge_card{"k", "tok", {5, "GBP"}});
  REQUIRE_FALSE(lost);
  CHECK(lost.error().outcome == outcome::not_applied);
  CHECK(first == '\x16');  // a handshake of TLS
}
