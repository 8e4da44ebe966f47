#include <banyan/http/request_members.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

enum class size { small, large };
BOOST_DESCRIBE_ENUM(size, small, large)

struct item {
  std::string id, name;
  std::int64_t count = 0;
  std::optional<size> how;
  std::optional<std::vector<std::string>> tags;
  std::optional<money> price;
  static constexpr auto optional_fields = fields("count");
};
BOOST_DESCRIBE_STRUCT(item, (), (id, name, count, how, tags, price))

struct search {
  std::string text;
  std::vector<std::uint64_t> ids;
  std::optional<double> above;
  std::optional<bool> open;
  std::optional<money> most;
};
BOOST_DESCRIBE_STRUCT(search, (), (text, ids, above, open, most))

struct callback {
  std::string signature, body;
  std::optional<std::int64_t> attempt;
  std::optional<std::string> source;
};
BOOST_DESCRIBE_STRUCT(callback, (), (signature, body, attempt, source))

struct by_number {
  std::uint64_t number = 0;
  money price;
};
BOOST_DESCRIBE_STRUCT(by_number, (), (number, price))

// What a request to the pattern becomes: JSON text, or "the member: why not".
template <class Request>
std::string read(const std::string& pattern, const std::string& target, std::string body = {}) {
  const auto parsed = route_pattern::parse(pattern).value();
  http_request r;
  r.method = parsed.method;
  r.target = target;
  r.body = std::move(body);
  REQUIRE(read_target(r));
  const route_table table{{pattern}};
  const auto found = table.find(r.method, r.path);
  const auto fields = request_members{parsed, shape_of<Request>()}.read(r, std::get<route_match>(found));
  if (fields) return to_json(boost::json::value(*fields));
  CHECK(fields.error().code == code::invalid_argument);
  return fields.error().field + ": " + fields.error().message;
}
std::string put(const std::string& target, std::string body = {}) { return read<item>("PUT /items/{id}", target, std::move(body)); }
std::string get(const std::string& target, std::string body = {}) { return read<search>("GET /items", target, std::move(body)); }

}  // namespace

TEST_CASE("members come from the path and the body, and optional simple ones may come in the query string", "[http][members]") {
  CHECK(put("/items/A1", R"({"name":"kite"})") == R"({"name":"kite","id":"A1"})");
  CHECK(put("/items/A1?count=3&how=small&tags=a&tags=b", R"({"name":"kite"})") ==
        R"({"name":"kite","count":3,"how":"small","tags":["a","b"],"id":"A1"})");
  CHECK(put("/items/A1") == R"({"id":"A1"})");  // what is missing is found when it is decoded
}

TEST_CASE("a body may repeat what the path says, and not say another thing", "[http][members]") {
  CHECK(put("/items/A1", R"({"id":"A1","name":"kite"})") == R"({"id":"A1","name":"kite"})");
  for (auto* other : {R"({"id":"B2"})", R"({"id":"a1"})", R"({"id":null})", R"({"id":["A1"]})", R"({"id":1})"}) {
    CAPTURE(other);
    CHECK(put("/items/A1", other) == "id: id is another one in the body than in the path");
  }
  CHECK(read<by_number>("PUT /n/{number}", "/n/7", R"({"number":7})") == R"({"number":7})");
  CHECK(read<by_number>("PUT /n/{number}", "/n/7", R"({"number":7.0})") == R"({"number":7})");
  CHECK(read<by_number>("PUT /n/{number}", "/n/7", R"({"number":8})").starts_with("number: "));
}

TEST_CASE("nothing wins silently: a value that is there twice is an error", "[http][members]") {
  CHECK(put("/items/A1?count=3", R"({"count":4})") == "count: count is in the body and in the query string");
  CHECK(put("/items/A1?count=3", R"({"count":3})") == "count: count is in the body and in the query string");
  CHECK(put("/items/A1?tags=a", R"({"tags":[]})") == "tags: tags is in the body and in the query string");
  CHECK(put("/items/A1?count=3&count=3") == "count: count occurs twice in the query string");
  CHECK(put("/items/A1?id=A1") == "id: id is in the path and in the query string");
  CHECK(put("/items/A1?id=B2") == "id: id is in the path and in the query string");
  CHECK(get("/items?text=a&text=b") == "text: text occurs twice in the query string");
}

TEST_CASE("what must be in a body, and what is not simple, is not taken from the query string", "[http][members]") {
  CHECK(put("/items/A1?name=kite") == "name: name belongs in the body, not in the query string");
  CHECK(put("/items/A1?price=1") == "price: price belongs in the body, not in the query string");
}

TEST_CASE("a query's members come from the query string: simple ones plainly, lists once per item, others as JSON", "[http][members]") {
  CHECK(get("/items?text=7&ids=1&ids=18446744073709551615&above=1.5&open=true&most=%7B%22minor%22:1,%22currency%22:%22GBP%22%7D") ==
        R"({"text":"7","ids":[1,18446744073709551615],"above":1.5,"open":true,"most":{"minor":1,"currency":"GBP"}})");
  CHECK(get("/items?text=") == R"({"text":""})");
  for (auto* n : {"x", "", "1.5", "1e3", "%2B1", "%201", "18446744073709551616", "0x1"})
    CHECK(get(std::string{"/items?ids=1&ids="} + n).starts_with("ids: "));
  for (auto* x : {"nan", "inf", "-infinity", "1e400", "", "1,5", "x"}) CHECK(get(std::string{"/items?above="} + x).starts_with("above: "));
  for (auto* b : {"1", "TRUE", "", "yes"}) CHECK(get(std::string{"/items?open="} + b) == "open: open must be true or false");
  CHECK(get("/items?most=1,5").starts_with("most: most must be JSON"));
}

TEST_CASE("captures have the type of their member", "[http][members]") {
  CHECK(read<by_number>("PUT /n/{number}/{price}", "/n/18446744073709551615/%7B%22minor%22:1,%22currency%22:%22GBP%22%7D") ==
        R"({"number":18446744073709551615,"price":{"minor":1,"currency":"GBP"}})");
  CHECK(read<by_number>("PUT /n/{number}", "/n/seven").starts_with("number: "));
  CHECK(read<by_number>("GET /n/{unknown}", "/n/seven") == R"({"unknown":"seven"})");
  CHECK(read<item>("GET /files/{name...}", "/files/a/b") == R"({"name":"a/b"})");
}

TEST_CASE("what a request does not know is ignored, in the body and in the query string", "[http][members]") {
  CHECK(put("/items/A1?colour=red&colour=blue", R"({"name":"kite","weight":3})") == R"({"name":"kite","weight":3,"id":"A1"})");
  CHECK(get("/items?utm_source=x") == "{}");
}

TEST_CASE("a body is a JSON object; a GET or DELETE takes none", "[http][members]") {
  for (auto* wrong : {"[]", "1", "null", "\"x\"", "{", "{}{}", R"({"name":"a","name":"b"})"})
    CHECK(put("/items/A1", wrong).starts_with(wrong == std::string{R"({"name":"a","name":"b"})"} ? "name: " : ": "));
  CHECK(get("/items", "{}") == "body: a GET takes no body here");
  CHECK(read<item>("DELETE /items/{id}", "/items/A1", "{}") == "body: a DELETE takes no body here");
  CHECK(read<item>("DELETE /items/{id}", "/items/A1?name=kite&count=2") == R"({"name":"kite","count":2,"id":"A1"})");
}

TEST_CASE("it is known whether a body is taken, needed, and of what", "[http][members]") {
  const auto of = [](const char* pattern, const shape& s) { return request_members{route_pattern::parse(pattern).value(), s}; };
  const auto whole = of("PUT /items/{id}", shape_of<item>());
  CHECK(whole.takes_body());
  CHECK(whole.needs_body());
  REQUIRE(whole.body().parts.size() == 5);
  CHECK(whole.body().parts[0].name == "name");
  CHECK_FALSE(of("PUT /items/{id}/{name}", shape_of<item>()).needs_body());
  CHECK(of("POST /n/{number}/{price}", shape_of<by_number>()).body().parts.empty());
  CHECK_FALSE(of("GET /items/{id}", shape_of<item>()).takes_body());
}

namespace {

const taken_from signed_body{"body", {{"X-Signature", "signature"}, {"X-Attempt", "attempt"}}};

std::string receive(std::vector<std::pair<std::string, std::string>> headers, std::string body,
                    const std::string& query = {}, const taken_from& elsewhere = signed_body) {
  const auto parsed = route_pattern::parse("POST /callbacks").value();
  http_request r;
  r.method = "POST";
  r.target = "/callbacks" + query;
  r.body = std::move(body);
  for (auto& [name, value] : headers) r.headers.add(name, value);
  REQUIRE(read_target(r));
  const auto fields = request_members{parsed, shape_of<callback>(), elsewhere}.read(r, route_match{});
  if (fields) return to_json(boost::json::value(*fields));
  CHECK(fields.error().code == code::invalid_argument);
  return fields.error().field + ": " + fields.error().message;
}

}  // namespace

TEST_CASE("a member can be the whole body as it was sent, and another one a header") {
  CHECK(receive({{"X-Signature", "abc"}}, "{ \"a\":1}") == R"({"body":"{ \"a\":1}","signature":"abc"})");
  CHECK(receive({{"x-signature", "abc"}, {"X-Attempt", "3"}}, "not JSON") ==
        R"({"body":"not JSON","signature":"abc","attempt":3})");
  CHECK(receive({{"X-Signature", "abc"}}, "", "?source=here") == R"({"body":"","source":"here","signature":"abc"})");
}

TEST_CASE("a header that a member comes from occurs once, is there when it is required, and is of the member's type") {
  CHECK(receive({}, "x") == "X-Signature: the header X-Signature is missing");
  CHECK(receive({{"X-Signature", "a"}, {"X-Signature", "b"}}, "x") == "X-Signature: X-Signature occurs twice");
  CHECK(receive({{"X-Signature", "a"}, {"X-Attempt", "x"}}, "x") == "X-Attempt: X-Attempt must be a whole number");
}

TEST_CASE("a member of a header or of the whole body has no other source") {
  CHECK(receive({{"X-Signature", "a"}}, "x", "?signature=b") ==
        "signature: signature belongs in the header X-Signature, not in the query string");
  CHECK(receive({{"X-Signature", "a"}}, "x", "?body=b") == "body: body is the body, not in the query string");
  const taken_from header_only{{}, {{"X-Signature", "signature"}}};
  CHECK(receive({{"X-Signature", "a"}}, R"({"signature":"b","body":"c"})", {}, header_only) ==
        R"({"body":"c","signature":"a"})");
  CHECK(receive({{"X-Signature", "a"}}, "\xFF") == "body: the body is not valid UTF-8");
}

TEST_CASE("a route's description tells what comes from headers and the whole body") {
  const request_members members{route_pattern::parse("POST /callbacks").value(), shape_of<callback>(), signed_body};
  CHECK(members.takes_body());
  CHECK(members.needs_body());
  CHECK(members.body().kind == shape_kind::any);
  std::string sources;
  for (const auto& m : members.all()) sources += m.name + ":" + std::to_string(static_cast<int>(m.from)) + " ";
  CHECK(sources == "signature:2 body:5 attempt:2 source:1 ");
}
