// The REST contract, request by request.
#include "an_acquirer.hpp"

#include <tests/framework/http/raw_peer.hpp>

using namespace acquirer;
using namespace acquirer::test;

namespace {

std::string reason_of(const http_response& r) {
  const auto document = banyan::parse_json(r.body);
  if (!document || !document->is_object()) return "not a problem document: " + r.body;
  const auto* reason = document->as_object().if_contains("reason");
  return reason ? std::string{reason->as_string()} : "";
}

charge charge_of(const http_response& r) { return banyan::from_json<charge>(r.body).value(); }

}  // namespace

TEST_CASE("a charge is made once, and repeats of its key get the same", "[acquirer][api]") {
  an_acquirer a;
  const auto first = a.ask().charge_card("k1", 1999);
  CHECK(first.status == 201);
  CHECK(first.headers.get("location") == "/charges/k1");
  const auto made = charge_of(first);
  CHECK(made.status == charge_status::captured);
  CHECK(made.amount == money{1999, "GBP"});
  CHECK(made.order == "order-1");
  const auto second = a.ask().charge_card("k1", 1999);
  CHECK(second.status == 200);
  CHECK(second.body == first.body);
  CHECK(a.ask().get("/charges/k1").body == first.body);
  const auto other = a.ask().charge_card("k1", 2000);
  CHECK(other.status == 422);
  CHECK(reason_of(other) == "key_reused");
  CHECK(a.ask().book().by_currency.at("GBP").captured_minor == 1999);
}

TEST_CASE("a declined charge is an answer, also when it is repeated", "[acquirer][api]") {
  an_acquirer a;
  const auto declined = a.ask().charge_card("k1", 1999, "tok_declined");
  CHECK(declined.status == 201);
  CHECK(charge_of(declined).status == charge_status::declined);
  CHECK(charge_of(declined).reason == "insufficient_funds");
  const auto again = a.ask().charge_card("k1", 1999, "tok_declined");
  CHECK(again.status == 200);
  CHECK(again.body == declined.body);
  CHECK(reason_of(a.ask().charge_card("k1", 1999, "tok_ok")) == "key_reused");  // the decision stands
  CHECK(reason_of(a.ask().give_back("k1", "r1", 1)) == "not_captured");
  const auto totals = a.ask().book();
  CHECK(totals.declined == 1);
  CHECK(totals.captured == 0);
}

TEST_CASE("refunds are partial or full, and never more than the charge", "[acquirer][api]") {
  an_acquirer a;
  a.ask().charge_card("k1", 1000);
  const auto first = a.ask().give_back("k1", "r1", 400);
  CHECK(first.status == 201);
  const auto again = a.ask().give_back("k1", "r1", 400);
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(reason_of(a.ask().give_back("k1", "r1", 401)) == "key_reused");
  const auto too_much = a.ask().give_back("k1", "r2", 601);
  CHECK(too_much.status == 409);
  CHECK(reason_of(too_much) == "refund_exceeds_charge");
  CHECK(a.ask().give_back("k1", "r2", 600).status == 201);  // a key that was refused is free
  CHECK(a.ask().give_back("k1", "r3", 1).status == 409);
  CHECK(a.ask().give_back("k1", "r1", 400).status == 200);  // repeats still get their answer
  CHECK(a.ask().give_back("nobody", "r4", 1).status == 404);
  CHECK(charge_of(a.ask().get("/charges/k1")).refunded == money{1000, "GBP"});
  CHECK(banyan::from_json<refund_list>(a.ask().get("/charges/k1/refunds").body)->refunds.size() == 2);
  CHECK(a.ask().book().by_currency.at("GBP").refunded_minor == 1000);
}

TEST_CASE("the audit's pages hold all charges", "[acquirer][api]") {
  an_acquirer a;
  for (int n = 0; n < 7; ++n) a.ask().charge_card("k" + std::to_string(n), 100);
  std::vector<std::string> keys;
  for (std::string target = "/charges?limit=3";;) {
    const auto page = banyan::from_json<charge_page>(a.ask().get(target).body).value();
    for (const auto& c : page.charges) keys.push_back(c.key);
    if (!page.next) break;
    target = "/charges?limit=3&after=" + *page.next;
  }
  CHECK(keys == std::vector<std::string>{"k0", "k1", "k2", "k3", "k4", "k5", "k6"});
}

TEST_CASE("requests that are wrong are refused, and nothing is written", "[acquirer][api]") {
  an_acquirer a;
  a.ask().charge_card("good", 1000);
  const auto with_type = [](http_request r, const std::string& type) {
    r.headers.set("Content-Type", type);
    return r;
  };
  auto no_key = banyan::json_request("POST", "/charges", charge_body(1));
  auto two_keys = post("/charges", "a", charge_body(1));
  two_keys.headers.add("Idempotency-Key", "b");
  http_request del;
  del.method = "DELETE";
  del.target = "/charges/good";
  http_request put = banyan::json_request("PUT", "/charges", charge_body(1));
  const auto get = [](const std::string& target) {
    http_request r;
    r.target = target;
    return r;
  };
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  const struct {
    http_request request;
    int status;
    const char* field;
  } table[] = {
      {no_key, 400, "idempotency-key"},
      {two_keys, 400, "idempotency-key"},
      {post("/charges", "a/b", charge_body(1)), 400, "idempotency-key"},
      {post("/charges", "a b", charge_body(1)), 400, "idempotency-key"},
      {post("/charges", std::string(201, 'a'), charge_body(1)), 400, "idempotency-key"},
      {post("/charges", "k", charge_body(0)), 400, "amount.minor"},
      {post("/charges", "k", charge_body(-5)), 400, "amount.minor"},
      {post("/charges", "k", charge_body(1'000'000'000'000)), 400, "amount.minor"},
      {post("/charges", "k", charge_body(1, "tok_ok", "o", "pounds")), 400, "amount.currency"},
      {post("/charges", "k", charge_body(1, "")), 400, "card"},
      {post("/charges", "k", charge_body(1, "tok_ok", "")), 400, "order"},
      {post("/charges", "k", R"({"order":"o","amount":{"minor":1.5,"currency":"GBP"},"card":"tok_ok"})"), 400,
       "amount.minor"},
      {post("/charges", "k", R"({"order":"o","amount":{"minor":"1","currency":"GBP"},"card":"tok_ok"})"), 400,
       "amount.minor"},
      {post("/charges", "k",
            R"({"order":"o","amount":{"minor":9223372036854775808,"currency":"GBP"},"card":"tok_ok"})"),
       400, "amount.minor"},
      {post("/charges", "k", R"({"order":"o","amount":{"minor":1},"card":"tok_ok"})"), 400, "amount.currency"},
      {post("/charges", "k", R"({"order":"o","card":"tok_ok"})"), 400, "amount"},
      {post("/charges", "k", R"({"order":"o","order":"p","amount":{"minor":1,"currency":"GBP"},"card":"tok_ok"})"), 400,
       nullptr},
      {post("/charges", "k", R"({"order":)"), 400, nullptr},
      {with_type(post("/charges", "k", ""), "application/json"), 400, nullptr},
      {post("/charges", "k", "[]"), 400, nullptr},
      {post("/charges", "k", deep), 400, nullptr},
      {post("/charges", "k", "\xff\xfe"), 400, nullptr},
      {with_type(post("/charges", "k", charge_body(1)), "text/plain"), 415, "content-type"},
      {with_type(post("/charges", "k", charge_body(1)), ""), 415, "content-type"},
      {post("/charges", "k", charge_body(1, "tok_ok", std::string(20'000, 'x'))), 413, nullptr},
      {post("/charges/good/refunds", "r", refund_body(0)), 400, "amount.minor"},
      {post("/charges/good/refunds", "r", refund_body(1, "EUR")), 409, "amount.currency"},
      {post("/charges/a%00b/refunds", "r", refund_body(1)), 400, nullptr},
      {post("/charges/a%20b/refunds", "r", refund_body(1)), 400, "key"},
      {post("/charges/good/refunds/more", "r", refund_body(1)), 404, nullptr},
      {get("/charges/unknown"), 404, nullptr},
      {get("/charges/unknown/refunds"), 404, nullptr},
      {get("/charges/..%2fbook"), 400, nullptr},
      {get("/"), 404, nullptr},
      {get("/Charges"), 404, nullptr},
      {get("/charges/"), 404, nullptr},
      {get("/charges?limit=0"), 400, "limit"},
      {get("/charges?limit=1001"), 400, "limit"},
      {get("/charges?limit=-1"), 400, "limit"},
      {get("/charges?limit=many"), 400, "limit"},
      {get("/charges?after=unknown"), 400, "after"},
      {get("/charges?after='%20or%201=1"), 400, "after"},
      {del, 405, nullptr},
      {put, 405, nullptr},
      {banyan::json_request("PUT", "/faults", R"({"eror_rate":1})"), 400, "eror_rate"},
      {banyan::json_request("PUT", "/faults", "no"), 400, nullptr},
      {with_type(banyan::json_request("PUT", "/faults", "{}"), "text/plain"), 415, nullptr},
      {banyan::json_request("POST", "/faults", "{}"), 405, nullptr},
  };
  for (const auto& [request, status, field] : table) {
    INFO(request.method << " " << request.target << " " << request.body.substr(0, 100));
    const auto r = a.ask().send(request);
    CHECK(r.status == status);
    CHECK(r.headers.get("content-type") == "application/problem+json");
    const auto document = banyan::parse_json(r.body);
    REQUIRE(document);
    if (field) {
      const auto* at = document->as_object().if_contains("field");
      REQUIRE(at);
      CHECK(at->as_string() == field);
    }
  }
  CHECK(a.ask().book().charges == 1);
  CHECK(a.ask().book().refunds == 0);
  CHECK(a.ask().faults().faults == fault_settings{});
}

TEST_CASE("HEAD, OPTIONS and health are answered", "[acquirer][api]") {
  an_acquirer a;
  a.ask().charge_card("k1", 1);
  http_request head;
  head.method = "HEAD";
  head.target = "/charges/k1";
  const auto r = a.ask().send(head);
  CHECK(r.status == 200);
  CHECK(r.body.empty());
  head.method = "OPTIONS";
  CHECK(a.ask().send(head).headers.get("allow") == "GET, HEAD, OPTIONS");
  CHECK(a.ask().get("/healthz").status == 200);
}

TEST_CASE("many clients under one key make one charge", "[acquirer][api]") {
  an_acquirer a;
  std::vector<std::string> answers(16);
  std::atomic<int> made{0};
  {
    std::vector<std::jthread> clients;
    for (std::size_t n = 0; n < answers.size(); ++n)
      clients.emplace_back([&, n] {
        client c{a.port()};
        for (int i = 0; i < 5; ++i) {
          const auto r = c.charge_card("same", 700);
          made += r.status == 201;
          answers[n] = r.body;
        }
      });
  }
  CHECK(made == 1);
  for (const auto& body : answers) CHECK(body == answers[0]);
  CHECK(a.ask().book().by_currency.at("GBP").captured_minor == 700);
}

TEST_CASE("pipelined charges are answered in order", "[acquirer][api]") {
  an_acquirer a;
  auto c = raw::socket::connect(a.port());
  std::string all;
  for (int n = 0; n < 50; ++n) {
    const auto body = charge_body(1 + n);
    all += "POST /charges HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: p" +
           std::to_string(n) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  REQUIRE(c.send(all));
  for (int n = 0; n < 50; ++n)
    REQUIRE(c.read_response().find("\"key\":\"p" + std::to_string(n) + "\"") != std::string::npos);
}
