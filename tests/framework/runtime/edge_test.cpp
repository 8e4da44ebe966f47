// The edge: from a request to an operation and back, with the catalog of the shop behind it, in simulation.
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <banyan/core/json.hpp>
#include <banyan/journal/position_token.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>

#include <catch2/catch.hpp>

#include <boost/json.hpp>

#include <limits>

using namespace banyan;
using banyan::test::the_catalog;
using banyan::test::lantern;
using namespace std::chrono_literals;

namespace {

const std::string candle = R"({"name":"candle","price":{"minor":99,"currency":"GBP"}})";

struct client : test::edge_client {
  explicit client(std::uint64_t seed = 1) : edge_client{the_catalog(), seed} {}
};

boost::json::value json_of(const http_response& r) { return parse_json(r.body).value(); }
std::string member(const http_response& r, const char* name) {
  auto document = json_of(r);
  auto* found = document.as_object().if_contains(name);
  return found && found->is_string() ? std::string{found->as_string()} : std::string{};
}

// From now on a write takes minutes.
planned_fault a_disk_that_stands_still() { return {.kind = fault_kind::slow_disk, .node = "catalog", .lasts = 10min, .times = 1'000'000}; }

void check_refused(const http_response& r, int status, const std::string& field) {
  CHECK(r.status == status);
  CHECK(r.headers.get("Content-Type").find("application/problem+json") == 0);
  CHECK(member(r, "field") == field);
}

struct booked {
  int seats = 0;
};
BOOST_DESCRIBE_STRUCT(booked, (), (seats))
struct book_seats {
  using reply = booked;
  int seats = 0;
  static result<void> validate(const book_seats& b) {
    if (b.seats < 1) return error{code::invalid_argument, "at least one seat is booked"}.at("seats");
    return {};
  }
};
BOOST_DESCRIBE_STRUCT(book_seats, (), (seats))

struct seats_api {
  static constexpr std::string_view name = "seats";
  using operations = banyan::operations<op<book_seats, idempotent::by_key>>;
};
result<booked> book(context<>, const book_seats& b) {
  if (auto checked = book_seats::validate(b); !checked) return checked.error();
  return booked{b.seats};
}

}  // namespace

TEST_CASE("an unknown path is 404, a known path with another method is 405 and says which are allowed") {
  client c;
  CHECK(c.send("GET", "/nowhere").status == 404);
  CHECK(c.send("GET", "/products/A1/parts").status == 404);
  auto wrong = c.send("DELETE", "/products/A1");
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.get("Allow") == "GET, HEAD, PUT, OPTIONS");
  auto asked = c.send("OPTIONS", "/products/A1");
  CHECK(asked.status == 204);
  CHECK(asked.headers.get("Allow") == "GET, HEAD, PUT, OPTIONS");
  CHECK(asked.body.empty());
  CHECK(c.send("OPTIONS", "/nowhere").status == 404);
}

TEST_CASE("a command is answered with its reply, and what it wrote can be read") {
  client c;
  auto put = c.send("PUT", "/products/A1", lantern);
  CHECK(put.status == 200);
  CHECK(json_of(put) == parse_json(R"({"sku":"A1","name":"lantern","price":{"minor":255,"currency":"GBP"},"stocked":true})").value());
  c.settle();
  CHECK(c.send("GET", "/products/A1").body == put.body);
  CHECK(c.send("GET", "/products/B2").status == 404);
}

TEST_CASE("a query that comes before its view is open waits for it") {
  client c;
  CHECK(c.send("GET", "/products").status == 200);
  c.world.crash();
  CHECK(c.send("GET", "/products/A1").status == 404);
}

TEST_CASE("a body that names another product than the path is refused, one that names the same is not") {
  client c;
  check_refused(c.send("PUT", "/products/A1", R"({"sku":"B2","name":"lantern","price":{"minor":255,"currency":"GBP"}})"), 400, "sku");
  auto put = c.send("PUT", "/products/A1", R"({"sku":"A1","name":"lantern","price":{"minor":255,"currency":"GBP"}})");
  CHECK(member(put, "sku") == "A1");
}

TEST_CASE("a query parameter does not override what the body or the path says") {
  client c;
  check_refused(c.send("PUT", "/products/A1?stocked=false", R"({"name":"a","price":{"minor":1,"currency":"GBP"},"stocked":true})"), 400,
                "stocked");
  check_refused(c.send("PUT", "/products/A1?sku=A1", lantern), 400, "sku");
  check_refused(c.send("PUT", "/products/A1?name=kite", lantern), 400, "name");
  check_refused(c.send("GET", "/products?limit=1&limit=2"), 400, "limit");
  check_refused(c.send("GET", "/products", "{}"), 400, "body");
}

TEST_CASE("what is no JSON, or comes from a foreign page, is refused before it is read") {
  client c;
  CHECK(c.send("PUT", "/products/A1", lantern, {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(c.send("PUT", "/products/A1", lantern, {{"Content-Encoding", "gzip"}}).status == 415);
  auto foreign = c.send("PUT", "/products/A1", lantern, {{"Origin", "http://evil.example"}});
  CHECK(foreign.status == 403);
  CHECK(member(foreign, "reason") == "foreign_origin");
  CHECK(c.send("PUT", "/products/A1", lantern, {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
  c.settle();
  CHECK(c.send("GET", "/products/A1", {}, {{"Origin", "http://evil.example"}}).status == 404);  // reading is not refused; nothing was put
}

TEST_CASE("a write under a condition, or of a part, is refused and changes nothing") {
  client c;
  const auto put = c.send("PUT", "/products/A1", lantern);
  REQUIRE(put.status == 200);
  for (auto* name : {"If-Match", "If-None-Match", "If-Unmodified-Since"}) {
    const auto refused = c.send("PUT", "/products/A1", candle, {{name, "*"}});
    check_refused(refused, 412, name);
    CHECK(member(refused, "reason") == "precondition_not_offered");
  }
  check_refused(c.send("PUT", "/products/A1", candle, {{"Content-Range", "bytes 0-9/100"}}), 400, "Content-Range");
  c.settle();
  CHECK(c.send("GET", "/products/A1", {}, {{"If-None-Match", "*"}}).body == put.body);
}

TEST_CASE("a file's path under another method is 405; OPTIONS * says what the server takes") {
  client c;
  auto post = c.send("POST", "/openapi.json");
  CHECK(post.status == 405);
  CHECK(post.headers.get("Allow") == "GET, HEAD, OPTIONS");
  CHECK(c.send("OPTIONS", "/openapi.json").headers.get("Allow") == "GET, HEAD, OPTIONS");
  auto options = c.send("OPTIONS", "*");
  CHECK(options.status == 204);
  CHECK(options.headers.find("Allow"));
}

TEST_CASE("a body that is no JSON object is refused") {
  client c;
  for (auto* body : {"{", "[]", "1", "null", R"({"name":"a","name":"b"})", "{\"name\":\"\xff\"}"}) {
    CAPTURE(body);
    CHECK(c.send("PUT", "/products/A1", body).status == 400);
  }
}

TEST_CASE("a missing or mistyped member is named") {
  client c;
  check_refused(c.send("PUT", "/products/A1", R"({"price":{"minor":255,"currency":"GBP"}})"), 400, "name");
  check_refused(c.send("PUT", "/products/A1", R"({"name":"lantern"})"), 400, "price");
  check_refused(c.send("PUT", "/products/A1", R"({"name":"lantern","price":{"minor":255}})"), 400, "price.currency");
  check_refused(c.send("PUT", "/products/A1", R"({"name":7,"price":{"minor":255,"currency":"GBP"}})"), 400, "name");
  check_refused(c.send("PUT", "/products/A1", R"({"name":"lantern","price":{"minor":-1,"currency":"GBP"}})"), 400, "price.minor");
}

TEST_CASE("query parameters are read as the type of their member") {
  client c;
  for (auto* sku : {"A1", "A2", "A3"}) c.send("PUT", std::string{"/products/"} + sku, lantern);
  c.settle();
  CHECK(json_of(c.send("GET", "/products?limit=2")).at("products").as_array().size() == 2);
  CHECK(json_of(c.send("GET", "/products?limit=2&after=A2")).at("products").as_array().size() == 1);
  CHECK(json_of(c.send("GET", "/products?text=lan")).at("products").as_array().size() == 3);
  CHECK(json_of(c.send("GET", "/products?text=7")).at("products").as_array().empty());  // a text that looks like a number
  for (auto* limit : {"two", "2x", "", "2.5", "99999999999999999999"}) {
    CAPTURE(limit);
    check_refused(c.send("GET", std::string{"/products?limit="} + limit), 400, "limit");
  }
  check_refused(c.send("GET", "/products?limit=0"), 400, "limit");
  CHECK(json_of(c.send("PUT", "/products/A4?stocked=false", lantern)).at("stocked").as_bool() == false);
  check_refused(c.send("PUT", "/products/A4?stocked=no", lantern), 400, "stocked");
}

TEST_CASE("a request repeated with its Idempotency-Key gets the first answer and does nothing") {
  client c;
  auto first = c.send("PUT", "/products/A1", lantern, {{"Idempotency-Key", "k1"}});
  c.send("PUT", "/products/A1", candle, {{"Idempotency-Key", "k2"}});
  if (GENERATE(false, true)) c.world.crash();
  auto repeat = c.send("PUT", "/products/A1", lantern, {{"Idempotency-Key", "k1"}});
  CHECK(repeat.status == 200);
  CHECK(repeat.body == first.body);
  c.settle();
  CHECK(member(c.send("GET", "/products/A1"), "name") == "candle");
}

TEST_CASE("an Idempotency-Key that was used for another request is a conflict, and one without length or end is refused") {
  client c;
  c.send("PUT", "/products/A1", lantern, {{"Idempotency-Key", "k1"}});
  auto reused = c.send("PUT", "/products/A1", candle, {{"Idempotency-Key", "k1"}});
  CHECK(reused.status == 409);
  CHECK(member(reused, "reason") == "command_id_reused");
  check_refused(c.send("PUT", "/products/A1", candle, {{"Idempotency-Key", ""}}), 400, "Idempotency-Key");
  check_refused(c.send("PUT", "/products/A1", candle, {{"Idempotency-Key", std::string(256, 'k')}}), 400, "Idempotency-Key");
  check_refused(c.send("PUT", "/products/A1", candle, {{"Idempotency-Key", "a b"}}), 400, "Idempotency-Key");
  check_refused(c.send("PUT", "/products/A1", candle, {{"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}}), 400, "Idempotency-Key");
}

TEST_CASE("an Idempotency-Key is not kept for a request that is wrong by itself") {
  client c;
  const std::string nameless = R"({"name":"","price":{"minor":99,"currency":"GBP"}})";
  check_refused(c.send("PUT", "/products/A1", nameless, {{"Idempotency-Key", "k1"}}), 400, "name");
  CHECK(c.send("PUT", "/products/A1", candle, {{"Idempotency-Key", "k1"}}).status == 200);
}

TEST_CASE("nor is it kept for one that is wrong by itself and would be handled by a function") {
  const application app{
      "seats", {service<seats_api>(handles<book>{}, http_routes{.routes = std::vector{command<book_seats>("POST /bookings")}})}};
  test::edge_client c{app};
  check_refused(c.send("POST", "/bookings", R"({"seats":0})", {{"Idempotency-Key", "k1"}}), 400, "seats");
  CHECK(c.world.journal().status().appends == 0);
  CHECK(c.send("POST", "/bookings", R"({"seats":2})", {{"Idempotency-Key", "k1"}}).status == 200);
  CHECK(c.world.journal().status().appends == 1);
  CHECK(c.send("POST", "/bookings", R"({"seats":3})", {{"Idempotency-Key", "k1"}}).status == 409);
}

TEST_CASE("an Idempotency-Key that was used for another entity is a conflict, also after a crash, and nothing is done") {
  client c;
  auto first = c.send("PUT", "/products/A1", lantern, {{"Idempotency-Key", "k1"}});
  if (GENERATE(false, true)) c.world.crash();
  auto elsewhere = c.send("PUT", "/products/A2", lantern, {{"Idempotency-Key", "k1"}});
  CHECK(elsewhere.status == 409);
  CHECK(member(elsewhere, "reason") == "command_id_reused");
  CHECK(member(elsewhere, "field") == "Idempotency-Key");
  c.settle();
  CHECK(c.send("GET", "/products/A2").status == 404);
  CHECK(c.send("PUT", "/products/A1", lantern, {{"Idempotency-Key", "k1"}}).body == first.body);
}

TEST_CASE("a query that presents the position of a command reads what it wrote") {
  int stale = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    client c{seed};
    auto put = c.send("PUT", "/products/A1", lantern, {{"Idempotency-Key", "k1"}});
    if (c.send("GET", "/products/A1").status == 404) ++stale;
    auto again = c.send("PUT", "/products/A2", candle);
    REQUIRE(again.headers.find(position_header));
    auto token = std::string{again.headers.get(position_header)};
    CHECK(c.send("GET", "/products/A2", {}, {{std::string{position_header}, token}}).status == 200);
    auto repeat = c.send("PUT", "/products/A1", lantern, {{"Idempotency-Key", "k1"}});
    CHECK(repeat.headers.find(position_header));  // a client that lost the first answer reads its write too
  }
  CHECK(stale > 0);  // without a position a view may be behind: the test met the case it is about
}

TEST_CASE("a position of another journal, or none at all, is refused") {
  client c;
  auto header = std::string{position_header};
  const auto put = c.send("PUT", "/products/A1", lantern);
  const auto own = parse_position_token(put.headers.get(header)).value();
  const auto at = own.at(0);
  const auto foreign = [&](position p, const uuid& epoch) { return position_token{{{0, {p, epoch}}}}; };
  for (const auto& token : {foreign(at.at, uuid_from_name("another", "epoch")), foreign(at.at + 1, at.epoch),
                            foreign(std::numeric_limits<position>::max(), at.epoch), foreign(at.at, uuid{})}) {
    const auto begun = c.world.steady();
    const auto answer = c.send("GET", "/products", {}, {{header, to_string(token)}});
    CHECK(answer.status == 409);
    CHECK(member(answer, "reason") == "another_history");
    CHECK(c.world.steady() - begun < 50ms);  // it is not waited for
  }
  check_refused(c.send("GET", "/products", {}, {{header, to_string(position_token{{{0, at}, {1, at}}})}}), 400, header);
  check_refused(c.send("GET", "/products", {}, {{header, "1-00112233445566778899aabbccddeeff-0:1"}}), 409, header);
  CHECK(c.send("GET", "/products", {}, {{header, to_string(own)}}).status == 200);
  for (auto* text : {"", "1", "1-x-0:1", "2-0:1", "latest"}) check_refused(c.send("GET", "/products", {}, {{header, text}}), 400, header);
}

TEST_CASE("a deadline that is no number of milliseconds is refused, a short one ends the request") {
  client c;
  auto header = std::string{"X-Banyan-Deadline-Ms"};
  for (auto* text : {"0", "-1", "1.5", "soon", "", "86400001", "1 "}) {
    CAPTURE(text);
    check_refused(c.send("GET", "/products", {}, {{header, text}}), 400, header);
  }
  check_refused(c.send("GET", "/products", {}, {{header, "500"}, {header, "500"}}), 400, header);
  CHECK(c.send("GET", "/products", {}, {{header, "500"}}).status == 200);
  c.world.inject(a_disk_that_stands_still());
  auto begun = c.world.steady();
  CHECK(c.send("PUT", "/products/A1", lantern, {{header, "300"}}).status == 504);
  CHECK(c.world.steady() - begun < 310ms);  // time-outs are looked at every 4 ms
}

TEST_CASE("a query whose view is behind waits for the position it presents, and not longer than its deadline") {
  client c;
  c.settle();
  c.world.inject({.kind = fault_kind::slow_disk, .node = "catalog", .lasts = 1min, .times = 100});
  auto put = c.send("PUT", "/products/A1", lantern);
  REQUIRE(put.status == 200);
  header_list headers{{std::string{position_header}, std::string{put.headers.get(position_header)}}};
  auto begun = c.world.steady();
  auto impatient = headers;
  impatient.add("X-Banyan-Deadline-Ms", "4");  // the view has to read and to write, and each takes its disk 5 ms at least
  auto late = c.send("GET", "/products/A1", {}, impatient);
  CHECK(late.status == 504);
  CHECK(c.world.steady() - begun < 15ms);
  CHECK(c.send("GET", "/products/A1", {}, headers).status == 200);
  CHECK(c.world.steady() - begun >= 10ms);
}

TEST_CASE("a position that the journal has not reached is refused at once, however far the deadline") {
  client c;
  auto put = c.send("PUT", "/products/A1", lantern);
  c.settle();
  auto token = parse_position_token(put.headers.get(position_header)).value();
  const auto at = token.positions[0].at;
  for (const auto beyond : {at + 1, at + 1000, std::numeric_limits<position>::max()}) {
    token.positions[0].at = beyond;
    auto begun = c.world.steady();
    auto refused = c.send("GET", "/products/A1", {}, {{std::string{position_header}, to_string(token)}});
    CHECK(refused.status == 409);
    CHECK(member(refused, "reason") == "another_history");
    CHECK(member(refused, "field") == position_header);
    CHECK(c.world.steady() - begun < 20ms);  // the time of a journal's read
  }
  token.positions[0].at = at;
  CHECK(c.send("GET", "/products/A1", {}, {{std::string{position_header}, to_string(token)}}).status == 200);
  c.world.crash();  // the new edge knows of no position: it asks the journal
  CHECK(c.send("GET", "/products/A1", {}, {{std::string{position_header}, to_string(token)}}).status == 200);
}

TEST_CASE("a request whose client is gone before it begins is not begun") {
  client c;
  auto gone = std::make_shared<cancellation>();
  gone->cancel();
  http_request r;
  r.method = "PUT";
  r.target = "/products/A1";
  r.body = lantern;
  r.headers.add("Content-Type", "application/json");
  r.cancelled = gone;
  c.world.request(std::move(r), [](result<http_response>) {});
  c.settle();
  CHECK(c.world.stored().empty());
  CHECK(c.send("GET", "/products/A1").status == 404);
}
