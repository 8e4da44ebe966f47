// What a request struct becomes as an HTTP request, and that request_members reads it back.
#include <banyan/http/request_writer.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/http/http_upstream.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

struct refund_part {
  using reply = money;
  std::string key, id;
  money amount;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(refund_part, (), (key, id, amount, note))

struct list_charges {
  using reply = std::vector<std::string>;
  std::string customer;
  std::vector<int> states;
  std::optional<std::string> after;
  std::optional<money> above;
};
BOOST_DESCRIBE_STRUCT(list_charges, (), (customer, states, after, above))

using header_members = std::vector<std::pair<std::string, std::string>>;

template <class Request>
result<http_request> write(const std::string& pattern, const Request& r, header_members headers = {}) {
  return request_writer{route_pattern::parse(pattern).value(), shape_of<Request>(), std::move(headers)}.write(
      to_json(r));
}

// The text of the request line, the headers besides Content-Type, and the body.
template <class Request>
std::string sent(const std::string& pattern, const Request& r, header_members headers = {}) {
  const auto made = write(pattern, r, std::move(headers));
  if (!made) return made.error().field + ": " + made.error().message;
  std::string text = made->method + " " + made->target;
  for (const auto& h : made->headers)
    if (h.name != "Content-Type") text += " " + h.name + "=" + h.value;
  return made->body.empty() ? text : text + " " + made->body;
}

// Written, then read by the route that would answer it.
template <class Request>
std::string there_and_back(const std::string& pattern, const Request& r) {
  auto made = write(pattern, r).value();
  REQUIRE(read_target(made));
  const route_table table{{pattern}};
  const auto found = table.find(made.method, made.path);
  REQUIRE(std::holds_alternative<route_match>(found));
  const auto fields = request_members{route_pattern::parse(pattern).value(), shape_of<Request>()}.read(
      made, std::get<route_match>(found));
  REQUIRE(fields);
  return to_json(from_value<Request>(*fields).value());
}


}  // namespace

TEST_CASE("members go into the path, the headers and the body", "[http][request_writer]") {
  const refund_part r{"k 1/2", "r1", {500, "GBP"}, {}};
  CHECK(sent("POST /refunds", r) ==
        R"(POST /refunds {"key":"k 1/2","id":"r1","amount":{"minor":500,"currency":"GBP"}})");
  CHECK(sent("POST /charges/{key}/refunds", r, {{"Idempotency-Key", "id"}, {"X-Note", "note"}}) ==
        R"(POST /charges/k%201%2F2/refunds Idempotency-Key=r1 {"amount":{"minor":500,"currency":"GBP"}})");
}

TEST_CASE("members of a GET go into the query string", "[http][request_writer]") {
  CHECK(sent("GET /customers/{customer}/charges", list_charges{"ann", {1, 2}, "a&b=c +d", {}}) ==
        "GET /customers/ann/charges?states=1&states=2&after=a%26b%3Dc%20%2Bd");
  CHECK(sent("GET /charges", list_charges{"ann", {}, {}, money{5, "GBP"}}) ==
        "GET /charges?customer=ann&above=%7B%22minor%22%3A5%2C%22currency%22%3A%22GBP%22%7D");
}

TEST_CASE("what would become another request is refused", "[http][request_writer]") {
  CHECK(sent("GET /charges/{customer}", list_charges{"", {}, {}, {}}) ==
        "customer: customer can not be part of a path");
  CHECK(sent("GET /charges/{customer}", list_charges{"..", {}, {}, {}}) ==
        "customer: customer can not be part of a path");
  CHECK(sent("POST /refunds", refund_part{"k", "r\r\nX-Admin: 1", {}, {}}, {{"Idempotency-Key", "id"}}) ==
        "id: id can not be sent in a header");
}

TEST_CASE("a server reads what was written", "[http][request_writer]") {
  for (const std::string text : {"plain", "a b", "ü/é%2f", "100%", "a+b&c=d?e#f", "\"q\""}) {
    const refund_part refund{"k", text, {-3, "EUR"}, text};
    CHECK(there_and_back("POST /refunds", refund) == to_json(refund));
    const list_charges list{text, {3, -4}, text, money{7, "GBP"}};
    CHECK(there_and_back("GET /charges", list) == to_json(list));
  }
  const refund_part refund{"a.b~c", "r", {1, "GBP"}, {}};
  CHECK(there_and_back("POST /charges/{key}/refunds/{id}", refund) == to_json(refund));
}

TEST_CASE("a declaration of an upstream names all its mistakes", "[http][http_upstream]") {
  const operation refund{"charges.refund_part", 1, type_of<refund_part>()};
  const operation list{"charges.list_charges", 1, type_of<list_charges>()};
  const http_upstream wrong{
      .to = "ftp://a",
      .calls = {call<refund_part>("POST /charges/{charge}", {.headers = {{"X Y", "id"}, {"X-N", "no"}}}),
                call<refund_part>("POST refunds")}};
  CHECK(problems_of(wrong, {refund, list}) ==
        std::vector<std::string>{
            "'ftp://a': only http:// and https:// URLs are understood",
            "\"POST /charges/{charge}\" captures charge, which is no member of refund_part",
            "\"X Y\" is no name of a header",
            "header X-N takes no, which is no member of refund_part",
            route_pattern::parse("POST refunds").error().message,
            "charges.refund_part has two calls; remove one",
            "nothing says how charges.list_charges is called: add call<...>(\"METHOD /path\") to its calls"});
  const http_upstream right{.to = "http://127.0.0.1:1/, http://127.0.0.1:2/v1 ,http://127.0.0.1:1",
                            .calls = {call<refund_part>("POST /refunds"), call<list_charges>("GET /charges")}};
  CHECK(problems_of(right, {refund, list}).empty());
  CHECK(endpoints_of(right.to).value() == endpoint_list{{"http://127.0.0.1:1", "http://127.0.0.1:1"},
                                                        {"http://127.0.0.1:2/v1", "http://127.0.0.1:2/v1"}});
  CHECK(endpoints_of(" , ").error().field == "to");
}
