#include <shop/acquirer_faults.hpp>

#include <catch2/catch.hpp>

#include <banyan/core/json.hpp>
#include <shop/load.hpp>

#include "fake_shop.hpp"

#include <sstream>

using namespace std::chrono_literals;

namespace {

// An acquirer and a shop behind one transport: those that wait become fewer with each look.
class both {
 public:
  std::int64_t orders = 0, payments = 0, callbacks = 0;
  std::vector<std::string> asked;  // "PUT /faults {...}"
  bool refuses_faults = false;
  shop_test::fake_shop shop;

  shop::transport transport() {
    return [this, to_shop = shop.transport()](banyan::http_request r, banyan::completion<banyan::http_response> done) {
      if (r.target == "/faults") {
        asked.push_back(r.method + " /faults" + (r.body.empty() ? "" : " " + r.body));
        if (refuses_faults) return done(banyan::error{banyan::code::invalid_argument, "no such fault"});
        return done(banyan::http_response::json_text("{}"));
      }
      if (r.target == "/book")
        return done(banyan::http_response::json_text(
            R"({"charges":0,"captured":0,"declined":0,"refunds":0,"by_currency":{},"callbacks_pending":)" +
            std::to_string(less(callbacks)) + "}"));
      if (r.target == "/reports/waiting")
        return done(banyan::http_response::json_text(R"({"count":)" + std::to_string(less(orders)) + "}"));
      if (r.target == "/reports/payments")
        return done(banyan::http_response::json_text(
            R"({"waiting":)" + std::to_string(less(payments)) +
            R"(,"attention":0,"taken":{"minor":0,"currency":"GBP"},"paid_back":{"minor":0,"currency":"GBP"}})"));
      to_shop(std::move(r), std::move(done));
    };
  }

 private:
  static std::int64_t less(std::int64_t& n) { return n > 0 && n < stuck ? n-- : n; }

 public:
  static constexpr std::int64_t stuck = 1000;  // as many never become fewer
};

struct load_end {
  int code;
  std::string err;
};

load_end load_both(both& b, shop::load_options options, bool stopped = false) {
  b.shop.prices["A"] = 100;
  options.rate = 50000;
  options.mix = "order=100";
  options.seconds = 0.002;
  options.acquirer = "http://127.0.0.1:8090";
  std::ostringstream out, err;
  shop::stop_flag stop{stopped};
  const int code = shop::load(options, b.transport(), out, err, stop);
  return {code, err.str()};
}

}  // namespace

TEST_CASE("faults are named as on the acquirer's own command line, with the seed of the run") {
  CHECK(shop::faults_body("", 7).value() == R"({"seed":7})");
  const auto body =
      banyan::parse_json(shop::faults_body("error_rate=0.1,latency.mean=80ms,latency.jitter=5ms", 9).value()).value();
  CHECK(body.at("error_rate") == 0.1);
  CHECK(body.at("latency").at("mean") == "80ms");
  CHECK(body.at("latency").at("jitter") == "5ms");
  CHECK(body.at("seed") == 9);
  for (const auto* wrong : {"error_rate", "error_rate=2", "no_such=1", "error_rate=0.1,,", "=1", "latency.mean=fast"}) {
    INFO(wrong);
    CHECK_FALSE(shop::faults_body(wrong, 1));
  }
}

TEST_CASE("a run under load sets the faults, ends them, and waits until nothing waits") {
  both b;
  b.orders = 3;
  b.payments = 2;
  b.callbacks = 4;
  const auto got = load_both(b, {.seed = 5, .acquirer_faults = "error_rate=0.5"});
  INFO(got.err);
  CHECK(got.code == 0);
  CHECK(b.asked == std::vector<std::string>{R"(PUT /faults {"error_rate":5E-1,"seed":5})", "DELETE /faults"});
  CHECK(b.orders + b.payments + b.callbacks == 0);
}

TEST_CASE("what never comes to rest ends the run with a failure, within its time") {
  both b;
  b.payments = both::stuck;
  const auto got = load_both(b, {.rest_within = 0s});
  CHECK(got.code == 1);
  CHECK_THAT(got.err, Catch::Contains("1000 orders, payments or callbacks still wait"));
}

TEST_CASE("an interrupted run ends the faults, too") {
  both b;
  b.shop.prices["A"] = 100;
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  auto send = b.transport();
  const shop::transport interrupting = [&](banyan::http_request r, banyan::completion<banyan::http_response> done) {
    if (r.method == "POST") stop = true;
    send(std::move(r), std::move(done));
  };
  const shop::load_options options{.rate = 1000,
                                   .mix = "order=100",
                                   .seconds = 1000,
                                   .acquirer = "http://127.0.0.1:8090",
                                   .acquirer_faults = "error_rate=0.5"};
  CHECK(shop::load(options, interrupting, out, err, stop) == 130);
  CHECK(b.asked.size() == 2);
  CHECK(b.asked.back() == "DELETE /faults");
}

TEST_CASE("wrong faults, and an acquirer that does not take them, are told before anything is ordered") {
  both b;
  CHECK(load_both(b, {.acquirer_faults = "error_rate=7"}).code == 2);
  CHECK(b.asked.empty());
  b.refuses_faults = true;
  const auto refused = load_both(b, {.acquirer_faults = "error_rate=0.7"});
  CHECK(refused.code == 3);
  CHECK_THAT(refused.err, Catch::Contains("does not take the faults"));
  CHECK(b.shop.orders.empty());
}
