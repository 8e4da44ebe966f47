#include <shop/replay.hpp>

#include <catch2/catch.hpp>

#include "fake_shop.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using shop_test::fake_shop;
using namespace std::chrono_literals;

namespace {

const std::string transactions =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    "536365,BANK CHARGES,,1,2010-12-01 08:26:00,15.00,17850.0,United Kingdom\n"
    "536366,85123A,WHITE HEART,2,2011-01-03 09:00:00,2.555,,France\n"
    "536365,22139,,3,2010-12-01 08:26:00,0.0,17850.0,United Kingdom\n"
    "C536379,85123A,WHITE HEART,-1,2011-01-04 09:41:00,2.55,14527.0,United Kingdom\n"
    "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n"
    "536415,22139,,some,2010-12-01 11:52:00,1.0,,United Kingdom\n";

class transaction_file {
 public:
  explicit transaction_file(const std::string& text = transactions) {
    auto pattern = (std::filesystem::temp_directory_path() / "banyan-replay-XXXXXX").string();
    auto fd = mkstemp(pattern.data());
    REQUIRE(fd >= 0);
    path = pattern;
    std::ofstream{path} << text;
  }
  ~transaction_file() { std::remove(path.c_str()); }
  std::string path;
};

struct replay_outcome {
  int code;
  std::string out;
  std::string err;
  std::string last_line() const {
    auto end = out.find_last_not_of('\n');
    auto begin = out.rfind('\n', end);
    return out.substr(begin + 1, end - begin);
  }
};

replay_outcome run(fake_shop& shop, const std::string& file, bool json = true, bool stopped = false) {
  std::ostringstream out, err;
  shop::stop_flag stop{stopped};
  shop::replay_options options{.file = file, .json = json};
  options.window.give_up_after = 0s;  // one immediate retry, no waiting in a test
  options.settle_for = 0s;
  int code = shop::replay(options, shop.transport(), out, err, stop);
  return {code, out.str(), err.str()};
}

std::string until_seconds(const std::string& line) { return line.substr(0, line.find(",\"seconds\"")); }

const std::string expected_line =
    R"({"lines":7,"invoices":5,"cancellations":1,"orders":3,"accepted_lines":4,"rejected_lines":3,)"
    R"("rejected_by_reason":{"malformed":1,"unit_price_not_positive":2},"accepted_pence":3287,"rejected_pence":0)";

}  // namespace

TEST_CASE("a replay counts what the shop replied, and its last line says so") {
  fake_shop shop;
  transaction_file file;
  auto got = run(shop, file.path);
  CHECK(got.code == 0);
  CHECK(until_seconds(got.last_line()) == expected_line);
  CHECK(got.last_line().find(R"("ok":true)") != std::string::npos);
  CHECK(got.err.find("malformed: line 8") != std::string::npos);
  CHECK(shop.customers == std::set<std::string>{"14527", "17850"});
  CHECK(shop.prices == std::map<std::string, std::int64_t>{{"22139", 0}, {"85123A", 255}, {"BANK CHARGES", 1500}});
  CHECK_FALSE(shop.stocked.at("BANK CHARGES"));
  CHECK(shop.on_hand == std::map<std::string, std::int64_t>{{"85123A", 8}});
  CHECK(shop.orders.at("C536379").find(R"("kind":"return")") != std::string::npos);
  CHECK(shop.orders.at("536365").find(R"("placed_at":"2010-12-01T08:26:00Z")") != std::string::npos);
  CHECK(shop.orders.contains("536414"));
  CHECK_FALSE(shop.orders.contains("536415"));
}

TEST_CASE("lines that were left out are told behind the sums") {
  fake_shop shop;
  transaction_file file;
  auto got = run(shop, file.path, false);
  CHECK(got.code == 0);
  CHECK(got.last_line() == "Every sum agrees. 1 malformed line was left out.");
}

TEST_CASE("a file of which nothing can be played is a failure, and the shop is not asked") {
  fake_shop shop;
  const std::string header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
  transaction_file empty{header};
  auto got = run(shop, empty.path, false);
  CHECK(got.code == 1);
  CHECK(got.out.empty());
  CHECK(got.err == empty.path + ": nothing was played: it has no lines behind its header\n");
  transaction_file malformed{header + "536415,22139,,some,2010-12-01 11:52:00,1.0,,France\n,,,,,,,\n"};
  got = run(shop, malformed.path);
  CHECK(got.code == 1);
  CHECK(got.out.empty());
  CHECK(got.err.find("malformed: line 2: Quantity") != std::string::npos);
  CHECK(got.err.find("nothing was played: none of its 2 lines can be read as a transaction") != std::string::npos);
  CHECK(shop.requests.empty());
}

TEST_CASE("a second replay changes nothing and says the same") {
  fake_shop shop;
  transaction_file file;
  auto first = run(shop, file.path);
  auto sales = shop.sales;
  auto stock = shop.on_hand;
  auto second = run(shop, file.path);
  CHECK(second.code == 0);
  CHECK(until_seconds(second.last_line()) == until_seconds(first.last_line()));
  CHECK(shop.sales == sales);
  CHECK(shop.on_hand == stock);
}

TEST_CASE("another month brings its own stock and is checked beside what was there") {
  fake_shop shop;
  transaction_file december;
  transaction_file january{
      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
      "540001,85123A,WHITE HEART,10,1/5/2011 9:00,2.95,17850,United Kingdom\n"};
  REQUIRE(run(shop, december.path).code == 0);
  auto got = run(shop, january.path, false);
  CHECK(got.code == 0);
  CHECK(got.out.find("The shop has other orders too") != std::string::npos);
  CHECK(shop.on_hand.at("85123A") == 18);
}

TEST_CASE("requests that failed for now are repeated with the same ids") {
  fake_shop shop;
  std::set<std::string> seen;
  shop.fault = [&](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
    if (!seen.insert(r.method + r.target + r.body).second) return std::nullopt;
    switch (seen.size() % 4) {
      case 0:
        return banyan::error{banyan::code::unavailable, "connection lost", banyan::outcome::unknown};
      case 1:
        return banyan::http_response::text("busy", 503);
      case 2:
        return banyan::http_response::text("slow down", 429);
      default:
        return banyan::http_response::text("too late", 504);
    }
  };
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  transaction_file file;
  CHECK(shop::replay({.file = file.path, .json = true}, shop.transport(), out, err, stop) == 0);
  CHECK(shop.sales.total.orders == 3);
}

TEST_CASE("an order whose reply was lost counts once") {
  fake_shop shop;
  auto honest = shop.transport();
  bool lost = false;
  shop::transport losing = [&](banyan::http_request request, banyan::completion<banyan::http_response> done) {
    if (request.method == "POST" && request.target == "/orders" && !lost) {
      lost = true;
      honest(std::move(request), [](banyan::result<banyan::http_response>) {});
      return done(banyan::error{banyan::code::unavailable, "connection lost", banyan::outcome::unknown});
    }
    honest(std::move(request), std::move(done));
  };
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  transaction_file file;
  CHECK(shop::replay({.file = file.path}, losing, out, err, stop) == 0);
  CHECK(lost);
  CHECK(shop.sales.total.accepted_minor == 3287);
}

TEST_CASE("a shop that counts otherwise is found out") {
  fake_shop shop;
  transaction_file file;
  SECTION("in its replies") {
    shop.fault = [](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
      if (r.body.find("536366") == std::string::npos) return std::nullopt;
      return banyan::http_response::json_text(
          R"({"id":"536366","status":"placed","total":{"minor":511,"currency":"GBP"},"accepted_lines":1})", 201);
    };
    auto got = run(shop, file.path);
    CHECK(got.code == 1);
    CHECK(got.last_line().find("the shop's replies differ from the file: total pence: expected 3,287, found 3,286") != std::string::npos);
  }
  SECTION("in its report") {
    shop.report_lag = 1000;
    auto got = run(shop, file.path, false);
    CHECK(got.code == 1);
    CHECK(got.out.find("/reports/sales differs: total orders: expected 3, found 0") != std::string::npos);
    CHECK(got.out.find("NOT everything agrees") != std::string::npos);
  }
  SECTION("in its stock") {
    shop.fault = [&](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
      if (r.target != "/reports/stock" || shop.orders.empty()) return std::nullopt;
      return banyan::http_response::json_text(R"({"skus":[]})");
    };
    auto got = run(shop, file.path);
    CHECK(got.code == 1);
    CHECK(got.last_line().find("85123A quantity sold: expected 7, found 0") != std::string::npos);
  }
}

TEST_CASE("an order that is refused is an error, and the others are still placed") {
  fake_shop shop;
  transaction_file file;
  shop.orders["536365"] = "something else";
  auto got = run(shop, file.path);
  CHECK(got.code == 1);
  CHECK(got.last_line().find("order 536365") != std::string::npos);
  CHECK(shop.orders.contains("C536379"));
}

TEST_CASE("a shop that stops answering ends the replay, which says that it can be resumed") {
  fake_shop shop;
  transaction_file file;
  shop.fault = [](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
    if (r.target != "/orders") return std::nullopt;
    return banyan::error{banyan::code::unavailable, "connection refused"};
  };
  auto got = run(shop, file.path);
  CHECK(got.code == 1);
  CHECK(got.err.find("It can be resumed") != std::string::npos);
}

TEST_CASE("a shop that is not there is said to be not there") {
  fake_shop shop;
  transaction_file file;
  shop.fault = [](const auto&) {
    return banyan::result<banyan::http_response>{banyan::error{banyan::code::unavailable, "connection refused"}};
  };
  auto got = run(shop, file.path);
  CHECK(got.code == 1);
  CHECK(got.err.find("cannot reach the shop at http://127.0.0.1:8080 (is `shop serve` running?)") != std::string::npos);
}

TEST_CASE("a shop that says nothing at first is given up before anything is sent that changes") {
  transaction_file file;
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  std::vector<banyan::completion<banyan::http_response>> held;
  shop::transport silent = [&](banyan::http_request request, banyan::completion<banyan::http_response> done) {
    CHECK(request.method == "GET");
    held.push_back(std::move(done));
  };
  CHECK(shop::replay({.file = file.path, .reach_within = 0s}, silent, out, err, stop) == 1);
  CHECK(err.str().find("cannot reach the shop at http://127.0.0.1:8080") != std::string::npos);
  CHECK(err.str().find("no answer within 0s") != std::string::npos);
  CHECK(held.size() == 1);
}

TEST_CASE("what answers like no shop is told at its first answer, whichever it is") {
  fake_shop shop;
  transaction_file file;
  const auto path = GENERATE(as<std::string>{}, "/reports/sales", "/products/", "/products?", "/customers/", "/stock/", "/orders");
  CAPTURE(path);
  int others = 0;
  shop.fault = [&](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
    if (!r.target.starts_with(path)) return std::nullopt;
    ++others;
    return shop_test::not_a_shop(r);
  };
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  shop::replay_options options{.file = file.path};
  options.window.unsettled = 1;
  CHECK(shop::replay(options, shop.transport(), out, err, stop) == 1);
  CHECK(err.str().find("what answers at http://127.0.0.1:8080 is not a shop: its answer with status 200 is no JSON") != std::string::npos);
  CHECK(others == 1);
}

TEST_CASE("an interrupted replay says so, and finishes when run again") {
  fake_shop shop;
  transaction_file file;
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  shop.fault = [&](const banyan::http_request& r) -> std::optional<banyan::result<banyan::http_response>> {
    if (r.target == "/orders") stop = true;
    return std::nullopt;
  };
  shop::replay_options options{.file = file.path};
  options.window.unsettled = 1;
  CHECK(shop::replay(options, shop.transport(), out, err, stop) == 130);
  CHECK(err.str().find("It can be resumed") != std::string::npos);
  CHECK(shop.orders.size() == 1);
  shop.fault = nullptr;
  CHECK(run(shop, file.path).code == 0);
  CHECK(shop.sales.total.orders == 3);
}

TEST_CASE("wrong use ends with 2 and a sentence") {
  fake_shop shop;
  CHECK(run(shop, "/nonexistent.csv").code == 2);
  transaction_file no_columns{"a,b\n1,2\n"};
  auto got = run(shop, no_columns.path);
  CHECK(got.code == 2);
  CHECK(got.err.find("lacks these columns: InvoiceNo") != std::string::npos);
  CHECK(run(shop, no_columns.path, true, true).code == 2);
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  CHECK(shop::replay({.file = no_columns.path, .url = "localhost"}, shop.transport(), out, err, stop) == 2);
  CHECK(shop.requests.empty());
}
