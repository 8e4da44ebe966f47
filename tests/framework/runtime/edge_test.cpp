// The edge: from a request to an operation and back, with the catalog of the shop behind it, in simulation.
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <banyan/core/json.hpp>
#include <banyan/cqrs/position_token.hpp>

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

void check_refused(const http_response& r, int status, const std::string& field) {
  CHECK(r.status == status);
  CHECK(r.headers.get("Content-Type").find("application/problem+json") == 0);
  CHECK(member(r, "field") == field);
}

}  // namespace

TEST_CASE("an unknown path is 404, a known path with another method is 405 and says which are allowed") {
  client c;
  CHECK(c.send("GET", "/nowhere").status == 404);
  CHECK(c.send("GET", "/products/A1/parts").status == 404);
  auto wrong = c.send("DELETE", "/products/A1");
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.get("Allow") == "GET, HEAD, PUT");
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

TEST_CASE("what stands in the path wins over the body") {
  client c;
  auto put = c.send("PUT", "/products/A1", R"({"sku":"B2","name":"lantern","price":{"minor":255,"currency":"GBP"}})");
  CHECK(member(put, "sku") == "A1");
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
  CHECK(c.send("GET", "/products", {}, {{header, "500"}}).status == 200);
  c.world.strike({.kind = fault_kind::slow_disk, .node = "catalog", .lasts = 60s, .times = 400});  // the view is behind
  auto put = c.send("PUT", "/products/A1", lantern);
  auto begun = c.world.steady();
  auto late = c.send("GET", "/products", {}, {{header, "30"}, {std::string{position_header}, std::string{put.headers.get(position_header)}}});
  CHECK(late.status == 504);
  CHECK(c.world.steady() - begun < 40ms);  // time-outs are looked at every 4 ms
}
