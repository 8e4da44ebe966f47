// Who may change something through the operations port.
#include <tests/framework/runtime/running_node.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <services/catalog/events.hpp>

#include <banyan/runtime/operator_token.hpp>
#include <banyan/pub_sub/operator_requests.hpp>
#include <banyan/pub_sub/pub_sub.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

const std::string token = "0123456789abcdef-XYZ=";

http_request with(std::vector<std::string> values) {
  http_request r;
  r.method = "POST";
  for (auto& v : values) r.headers.add("Authorization", std::move(v));
  return r;
}
int status_of(const http_request& r, const std::string& configured) {
  const auto refused = refuse_operator(r, configured);
  return refused ? refused->status : 200;
}

struct mail_api {
  static constexpr std::string_view name = "mail";
  using operations = banyan::operations<>;
};
task<result<done>> follow(context<>, const shop::catalog::product_put&) { co_return done{}; }

const application& an_app_with_a_subscription() {
  static const application app{"app", {shop::catalog::describe(), service<mail_api>(subscribes<follow>{.topic = "catalog.product_put"})}};
  return app;
}

}  // namespace

TEST_CASE("without a configured token nobody may, whatever he sends") {
  CHECK(status_of(with({}), "") == 403);
  CHECK(status_of(with({"Bearer "}), "") == 403);
  CHECK(status_of(with({"Bearer " + token}), "") == 403);
  CHECK(refuse_operator(with({}), "")->body.find("this node has no operator_token") != std::string::npos);
}

TEST_CASE("with one, exactly that token may, once") {
  CHECK(status_of(with({"Bearer " + token}), token) == 200);
  CHECK(status_of(with({"bearer " + token}), token) == 200);
  for (const auto& wrong : std::vector<std::string>{"", "Bearer", "Bearer ", "Bearer  " + token, "Bearer " + token + " ", token, "Basic " + token,
                                                    "Bearer " + token.substr(1), "Bearer " + token + "=", "Bearer " + token + token,
                                                    "Bearer 0123456789abcdef-XYz="}) {
    CAPTURE(wrong);
    CHECK(status_of(with({wrong}), token) == 401);
  }
  CHECK(status_of(with({"Bearer " + token, "Bearer " + token}), token) == 401);
  const auto asked = refuse_operator(with({}), token);
  CHECK(asked->status == 401);
  CHECK(asked->headers.get("WWW-Authenticate") == "Bearer");
  CHECK(asked->body.find(token) == std::string::npos);
}

TEST_CASE("a token has 16 to 256 characters that a header can carry, or there is none") {
  CHECK(is_operator_token(""));
  CHECK(is_operator_token(token));
  CHECK(is_operator_token(std::string(256, 'x')));
  for (const auto& wrong : {std::string(15, 'x'), std::string(257, 'x'), std::string{"0123456789abcdef "}, std::string{"0123456789abcde\xc3\xa9"}})
    CHECK_FALSE(is_operator_token(wrong));
}

TEST_CASE("the settings do not show it") {
  auto s = default_settings("shop");
  s.operator_token = token;
  CHECK(describe(s).find(token) == std::string::npos);
  const auto text = describe(s);
  const auto at = text.find("operator_token ");
  REQUIRE(at != std::string::npos);
  CHECK(text.substr(text.find_first_not_of(' ', at + 14), 5) == "(set)");
}

TEST_CASE("a subscription's start is now, start or a position") {
  using origin = subscription_start::origin;
  CHECK(parse_subscription_start("now")->kind == origin::now);
  CHECK(parse_subscription_start("start")->kind == origin::start);
  CHECK(parse_subscription_start("0")->kind == origin::position);
  CHECK(parse_subscription_start("9223372036854775807")->at == 9223372036854775807);
  for (const auto* wrong : {"", " ", "-1", "+1", "1.0", "1 ", "0x1", "Now", "9223372036854775808", "end"})
    CHECK(parse_subscription_start(wrong).error().code == code::invalid_argument);
}

TEST_CASE("on the operations port a reset needs the token first, and then a subscription") {
  const auto post = [](test::running_node& n, std::string target, const std::string& bearer) {
    auto r = bearer.empty() ? with({}) : with({"Bearer " + bearer});
    r.target = std::move(target);
    return n.operations(std::move(r));
  };
  {
    test::running_node n{an_app_with_a_subscription()};
    CHECK(post(n, "/subscriptions/g/t/reset?to=now", token).status == 403);
  }
  test::running_node n{an_app_with_a_subscription(), {.operator_token = token}};
  CHECK(post(n, "/subscriptions/g/t/reset?to=now", "").status == 401);
  CHECK(post(n, "/subscriptions/g/t/reset?to=now", token).status == 404);
  CHECK(post(n, "/subscriptions/g/t/reset?to=noon", token).status == 400);
  CHECK(post(n, "/subscriptions/g/t/reset", token).status == 400);
  CHECK(n.operations("/subscriptions/g/t/reset?to=now").status == 405);
}
