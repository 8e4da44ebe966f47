#include <shop/shop_api.hpp>

#include <catch2/catch.hpp>

namespace {

banyan::http_response reply_at(const std::string& position) {
  banyan::http_response r;
  r.headers.add("x-banyan-position", position);
  return r;
}

}  // namespace

TEST_CASE("codes are percent-encoded in paths") {
  auto api = shop::shop_api::at("http://127.0.0.1:8080/").value();
  CHECK(api.get_product("BANK CHARGES").target == "/products/BANK%20CHARGES");
  CHECK(api.get_product("85123a").target == "/products/85123a");
  CHECK(api.get_product("gift_0001_20").target == "/products/gift_0001_20");
  CHECK(api.post_movement("a/b?c#d%", {"opening", "opening", 3}).target == "/stock/a%2Fb%3Fc%23d%25/movements");
  CHECK(api.get_products("T-LIGHT & co", 20, "A B").target == "/products?limit=20&text=T-LIGHT%20%26%20co&after=A%20B");
  CHECK(api.get_order("536365").authority == "127.0.0.1:8080");
}

TEST_CASE("a path in front of the API is kept, a wrong URL refused") {
  CHECK(shop::shop_api::at("http://shop.example/v1/").value().get_order("1").target == "/v1/orders/1");
  for (const char* wrong : {"", "127.0.0.1:8080", "ftp://x", "http://", "http://x/?a=b", "http://x y"}) {
    CAPTURE(wrong);
    CHECK_FALSE(shop::shop_api::at(wrong).has_value());
  }
}

TEST_CASE("an order says what is meant and leaves out what is not known") {
  auto api = shop::shop_api::at("http://h").value();
  shop::order_body guest;
  guest.id = "536365";
  guest.lines.push_back({1, "85123A", 6, "2.55"});
  CHECK(api.post_order(guest).body == R"({"id":"536365","lines":[{"line":1,"sku":"85123A","quantity":6,"unit_price":"2.55"}]})");
  guest.customer = "17850";
  guest.kind = "return";
  guest.placed_at = banyan::parse_rfc3339("2010-12-01T08:26:00Z").value();
  guest.lines[0] = {1, "D", -1, std::nullopt};
  CHECK(
      api.post_order(guest).body ==
      R"({"id":"536365","customer":"17850","placed_at":"2010-12-01T08:26:00Z","kind":"return",)"
        R"("lines":[{"line":1,"sku":"D","quantity":-1}]})");
  CHECK(api.put_product("A", {"Lamp", {100, "GBP"}, true}).body ==
        R"({"name":"Lamp","price":{"minor":100,"currency":"GBP"},"stocked":true})");
}

TEST_CASE("an answer is a reply of the shop, or says who answers instead") {
  auto api = shop::shop_api::at("http://h:1").value();
  CHECK(api.reply<shop::stock_level>(banyan::http_response::json_text(R"({"sku":"A","on_hand":3})")).value().on_hand == 3);
  const std::pair<banyan::http_response, const char*> others[] = {
      {banyan::http_response{200, {{"Content-Type", "text/html"}}, R"({"sku":"A","on_hand":3})"}, "its answer with status 200 is no JSON"},
      {banyan::http_response{204, {}, ""}, "its answer with status 204 is no JSON"},
      {banyan::http_response::json_text("hello"), "the document is not valid JSON"},
      {banyan::http_response::json_text("{}"), "sku is missing"},
  };
  for (const auto& [answer, why] : others) {
    CAPTURE(why);
    const auto refused = api.reply<shop::stock_level>(answer).error();
    CHECK(shop::is_no_shop(refused));
    CHECK_THAT(refused.message, Catch::StartsWith("what answers at http://h:1 is not a shop: " + std::string{why}));
  }
  const banyan::result<banyan::http_response> lost = banyan::error{banyan::code::unavailable, "connection refused"};
  CHECK_FALSE(shop::is_no_shop(api.reply<shop::stock_level>(lost).error()));
}

TEST_CASE("the newest position is kept whatever the order of the replies") {
  const std::string epoch = ":0190000000007000800000000000000a";
  shop::seen_position seen;
  banyan::http_request read;
  seen.stamp(read);
  CHECK(read.headers.empty());
  for (const char* position : {"0:9", "0:120", "0:99"}) seen.saw(reply_at("2-" + (position + epoch)));
  CHECK(seen.token() == "2-0:120" + epoch);
  seen.saw(banyan::http_response{});
  seen.saw(reply_at("not a token"));
  CHECK(seen.token() == "2-0:120" + epoch);
  seen.saw(reply_at("2-1:5" + epoch));
  CHECK(seen.token() == "2-0:120" + epoch + ".1:5" + epoch);
  seen.stamp(read);
  CHECK(read.headers.get("X-Banyan-Position") == seen.token());
}

TEST_CASE("of two histories the one that was told last counts, where they meet") {
  const std::string one = ":0190000000007000800000000000000a", other = ":0190000000007000800000000000000b";
  shop::seen_position seen;
  seen.saw(reply_at("2-0:900" + one));
  seen.saw(reply_at("2-0:901" + other));  // the shop was started again
  CHECK(seen.token() == "2-0:901" + other);
  seen.saw(reply_at("2-0:900" + one));  // late
  CHECK(seen.token() == "2-0:901" + other);
  seen.saw(reply_at("2-0:901" + one));
  CHECK(seen.token() == "2-0:901" + one);
}
