#include <shop/load.hpp>

#include <catch2/catch.hpp>

#include "fake_shop.hpp"

#include <shop/acknowledged.hpp>
#include <shop/load_kinds.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include <unistd.h>

using shop_test::fake_shop;
using namespace std::chrono_literals;

namespace {

struct load_outcome {
  int code;
  std::string out;
  std::string err;
};

load_outcome run(fake_shop& shop, shop::load_options options, bool stopped = false) {
  std::ostringstream out, err;
  shop::stop_flag stop{stopped};
  int code = shop::load(options, shop.transport(), out, err, stop);
  return {code, out.str(), err.str()};
}

fake_shop stocked_shop() {
  fake_shop shop;
  for (const char* sku : {"A", "B", "C C"}) shop.prices[sku] = 100;
  return shop;
}

}  // namespace

TEST_CASE("a run sends what its schedule says and reports each kind") {
  auto shop = stocked_shop();
  auto got = run(shop, {.rate = 50000, .mix = "order=50,report=50", .seconds = 0.004, .json = true});
  CHECK(got.code == 0);
  CHECK(shop.requests.size() == 201);  // one to list the products
  CHECK(got.out.find(R"("all":{"count":200,"good":200)") != std::string::npos);
  auto orders = std::ranges::count(shop.requests, "POST /orders");
  CHECK(orders > 60);
  CHECK(orders < 140);
  CHECK(shop.orders.size() == static_cast<std::size_t>(orders));
}

TEST_CASE("errors are counted by what they are, and nothing is repeated") {
  auto shop = stocked_shop();
  int n = 0;
  shop.fault = [&](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
    if (r.target != "/reports/sales") return std::nullopt;
    switch (++n % 3) {
      case 0:
        return banyan::http_response::text("busy", 503);
      case 1:
        return banyan::error{banyan::code::deadline_exceeded, "too late"};
      default:
        return std::nullopt;
    }
  };
  auto got = run(shop, {.rate = 30000, .mix = "report=1", .seconds = 0.001});
  CHECK(got.code == 1);
  CHECK(n == 30);
  CHECK(got.out.find("10 x 503 unavailable") != std::string::npos);
  CHECK(got.out.find("10 x no answer: deadline_exceeded") != std::string::npos);
}

TEST_CASE("a patient run sends again what may pass, an order under its id, and records what was acknowledged") {
  auto shop = stocked_shop();
  std::map<std::string, int> sent;
  shop.fault = [&](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
    if (r.method != "POST") return std::nullopt;
    const auto times = ++sent[r.body];
    if (times == 1) return banyan::error{banyan::code::unavailable, "connection lost"};
    if (times == 2) return banyan::http_response::text("not now", 503);
    return std::nullopt;
  };
  const auto file = std::filesystem::temp_directory_path() / ("banyan-load-test-" + std::to_string(::getpid()) + ".jsonl");
  auto got = run(shop, {.rate = 5000, .mix = "order=1", .seconds = 0.002, .repeat_for = 30s, .acknowledged = file.string(), .json = true});
  const auto record = shop::read_acknowledgements(file.string());
  std::filesystem::remove(file);
  CHECK(got.code == 0);
  CHECK_THAT(got.out, Catch::Contains(R"("repeats":20)"));
  CHECK(sent.size() == 10);
  REQUIRE(record);
  CHECK(record->size() == 10);
  for (const auto& one : *record) {
    CHECK(one.attempts == 3);
    CHECK(shop.orders.contains(one.asked.id));
    CHECK_FALSE(one.asked.lines.empty());
    CHECK(one.answer.total.minor > 0);
  }
}

TEST_CASE("patience ends: what may pass but does not is an error, and what can not pass is sent once") {
  auto shop = stocked_shop();
  int refused = 0;
  shop.fault = [&](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
    if (r.target == "/reports/sales") return banyan::http_response::text("not now", 503);
    if (r.method == "POST") return ++refused, banyan::http_response::text("never", 422);
    return std::nullopt;
  };
  auto got = run(shop, {.rate = 5000, .mix = "report=1,order=1", .seconds = 0.002, .repeat_for = 200ms});
  CHECK(got.code == 1);
  CHECK_THAT(got.out, Catch::Contains(" x 503 unavailable"));
  CHECK_THAT(got.out, Catch::Contains(std::to_string(refused) + " x 422"));
  CHECK_THAT(got.out, Catch::Contains("were sent again"));
}

TEST_CASE("what would be too much at once is shed and said, never queued") {
  fake_shop shop = stocked_shop();
  auto honest = shop.transport();
  std::vector<banyan::completion<banyan::http_response>> held;
  shop::transport holding = [&](banyan::http_request request, banyan::completion<banyan::http_response> done) {
    if (request.target != "/reports/sales") return honest(std::move(request), std::move(done));
    held.push_back(std::move(done));
  };
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  int code = shop::load({.rate = 20000, .mix = "report=1", .seconds = 0.001, .unanswered = 5, .drain = 0s}, holding, out, err, stop);
  CHECK(code == 1);
  CHECK(held.size() == 5);
  CHECK(out.str().find("15 were not sent") != std::string::npos);
  CHECK(out.str().find("5 were never answered") != std::string::npos);
}

TEST_CASE("wrong options are refused with a sentence before anything is sent") {
  auto shop = stocked_shop();
  struct example {
    shop::load_options options;
    const char* sentence;
  };
  const example examples[] = {
      {{.mix = "browse=1,dance=2"}, "there is no kind \"dance\"; there are browse, search, order, follow, report"},
      {{.mix = "nothing"}, "write the mix as"},
      {{.rate = 0}, "rate must be above 0"},
      {{.seconds = -1}, "the run must last"},
      {{.url = "nowhere"}, "absolute URL"},
  };
  for (const auto& e : examples) {
    auto got = run(shop, e.options);
    CHECK(got.code == 2);
    CHECK_THAT(got.err, Catch::Contains(e.sentence));
  }
  CHECK(shop.requests.empty());
}

TEST_CASE("a run that is interrupted while it waits for the last answers ends soon") {
  fake_shop shop = stocked_shop();
  auto honest = shop.transport();
  shop::stop_flag stop{false};
  std::vector<banyan::completion<banyan::http_response>> held;
  shop::transport holding = [&](banyan::http_request request, banyan::completion<banyan::http_response> done) {
    if (request.target != "/reports/sales") return honest(std::move(request), std::move(done));
    held.push_back(std::move(done));
    stop = held.size() == 2;  // the last one of the schedule
  };
  std::ostringstream out, err;
  CHECK(shop::load({.rate = 1000, .mix = "report=1", .seconds = 0.002, .repeat_for = 3600s}, holding, out, err, stop) == 130);
  CHECK(held.size() == 2);
  CHECK_THAT(out.str(), Catch::Contains("never answered"));
}

TEST_CASE("an empty shop is an error, an interrupted run still reports") {
  fake_shop empty;
  auto got = run(empty, {});
  CHECK(got.code == 1);
  CHECK_THAT(got.err, Catch::Contains("lists no products"));

  auto shop = stocked_shop();
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  shop.fault = [&](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
    if (r.target == "/reports/sales") stop = true;
    return std::nullopt;
  };
  CHECK(shop::load({.rate = 1000, .mix = "report=1", .seconds = 3600}, shop.transport(), out, err, stop) == 130);
  CHECK_THAT(out.str(), Catch::Contains("report"));
}

TEST_CASE("a shop that says nothing at first is given up") {
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  std::vector<banyan::completion<banyan::http_response>> held;
  shop::transport silent = [&](banyan::http_request, banyan::completion<banyan::http_response> done) { held.push_back(std::move(done)); };
  CHECK(shop::load({.reach_within = 0s}, silent, out, err, stop) == 1);
  CHECK_THAT(err.str(), Catch::Contains("No shop answers at http://127.0.0.1:8080: deadline_exceeded: no answer within 0s"));
  CHECK(held.size() == 1);
}

TEST_CASE("an answer that no shop gives is no success") {
  auto shop = stocked_shop();
  shop.fault = shop_test::not_a_shop;
  auto none = run(shop, {});
  CHECK(none.code == 1);
  CHECK_THAT(none.err, Catch::Contains("what answers at http://127.0.0.1:8080 is not a shop"));
  CHECK(shop.requests.size() == 1);

  shop.fault = [](const banyan::http_request& r) { return r.target == "/reports/sales" ? shop_test::not_a_shop(r) : std::nullopt; };
  auto some = run(shop, {.rate = 5000, .mix = "report=1,order=1", .seconds = 0.002});
  CHECK(some.code == 1);
  CHECK_THAT(some.out, Catch::Contains(" x 200 with what no shop says"));
}

TEST_CASE("the same seed asks for the same things, under new order ids") {
  auto api = shop::shop_api::at("http://h").value();
  std::vector<shop::listed_product> products{
      {"A", "RED LAMP", {100, "GBP"}}, {"B", "T-LIGHT, ANTIQUE", {50, "GBP"}}, {"C", "?", {0, "GBP"}}};
  auto asked = [&](std::uint64_t seed) {
    shop::load_requests requests{api, products, seed, "run-"};
    std::string all;
    for (int i = 0; i < 200; ++i)
      for (const char* kind : {"browse", "search", "order", "follow", "report"}) {
        auto made = requests.make(kind);
        CHECK(made.order.empty() == (kind != std::string{"order"}));
        all += made.request.method + made.request.target + made.request.body + "\n";
      }
    return all;
  };
  CHECK(asked(1) == asked(1));
  CHECK(asked(1) != asked(2));
  CHECK_THAT(asked(1), Catch::Contains("text=LAMP"));
  CHECK_THAT(asked(1), Catch::Contains("text=%3F"));
  CHECK_THAT(asked(1), Catch::Contains(R"("sku":"A")"));
  CHECK_THAT(asked(1), !Catch::Contains(R"("sku":"C")"));  // it costs nothing: the shop would refuse it
}

TEST_CASE("only orders that were acknowledged are followed, the newest ones, with their position") {
  auto api = shop::shop_api::at("http://h").value();
  shop::load_requests requests{api, {{"A", "LAMP", {100, "GBP"}}}, 1, "run-"};
  CHECK_THAT(requests.make("follow").request.target, Catch::StartsWith("/products"));
  for (int i = 0; i < 250; ++i) requests.acknowledge({"run-" + std::to_string(i), "p" + std::to_string(i)});
  for (int i = 0; i < 500; ++i) {
    auto request = requests.make("follow").request;
    REQUIRE_THAT(request.target, Catch::StartsWith("/orders/run-"));
    auto number = request.target.substr(12);
    CHECK(std::stoi(number) >= 150);
    CHECK(request.headers.get("X-Banyan-Position") == "p" + number);
  }
}
