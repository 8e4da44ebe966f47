// A shop in memory that speaks the public API well enough to be replayed into: a transport for tests, with faults to switch on.
#pragma once

#include <catch2/catch.hpp>

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <shop/exchange.hpp>
#include <shop/retail_book.hpp>
#include <shop/shop_api.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>

namespace shop_test {

// Whoever else may listen at the address: 200 to everything.
inline std::optional<banyan::result<banyan::http_response>> not_a_shop(const banyan::http_request&) {
  return banyan::http_response{200, {{"Content-Type", "text/html"}}, "hello"};
}

class fake_shop {
 public:
  // Called before each request; an answer given here is the answer.
  std::function<std::optional<banyan::result<banyan::http_response>>(const banyan::http_request&)> fault;
  int report_lag = 0;                 // so many reads of each report show nothing yet
  std::vector<std::string> requests;  // "PUT /products/A"

  shop::transport transport() {
    return [this](banyan::http_request request, banyan::completion<banyan::http_response> done) {
      REQUIRE(banyan::read_target(request).has_value());
      requests.push_back(request.method + " " + request.target);
      if (fault)
        if (auto answer = fault(request)) return done(std::move(*answer));
      done(answer_to(request));
    };
  }

  std::map<std::string, std::int64_t> prices;
  std::map<std::string, bool> stocked;
  std::set<std::string> customers;
  std::map<std::string, std::int64_t> on_hand;
  std::set<std::pair<std::string, std::string>> movements;
  std::map<std::string, std::string> orders;  // id -> what was asked
  std::map<std::string, banyan::http_response> replies;
  shop::sales_totals sales;
  std::map<std::string, std::int64_t> sold;

 private:
  static banyan::http_response problem(int status, std::string reason) {
    auto r = banyan::http_response::json_text(
        R"({"title":"x","status":)" + std::to_string(status) + R"(,"code":"refused","reason":")" + reason + "\"}", status);
    r.headers.set("Content-Type", "application/problem+json");
    return r;
  }
  template <class T>
  static banyan::http_response ok(const T& body, int status = 200) {
    return banyan::http_response::json_text(banyan::to_json(body), status);
  }

  banyan::http_response answer_to(const banyan::http_request& r) {
    auto route = r.method + " " + r.path.at(0);
    if (route == "PUT products") {
      auto body = banyan::from_json<shop::product_body>(r.body).value();
      prices[r.path[1]] = body.price.minor;
      stocked[r.path[1]] = body.stocked;
      return written(ok(shop::listed_product{r.path[1], body.name, body.price}));
    }
    if (route == "GET products") {
      shop::product_list list;
      for (const auto& [sku, price] : prices) list.products.push_back({sku, sku, {price, "GBP"}});
      return ok(list);
    }
    if (route == "PUT customers") {
      customers.insert(r.path[1]);
      return written(ok(shop::known_customer{r.path[1], banyan::from_json<shop::customer_body>(r.body).value().name}));
    }
    if (route == "POST stock") {
      auto body = banyan::from_json<shop::movement_body>(r.body).value();
      if (movements.emplace(r.path[1], body.id).second) on_hand[r.path[1]] += body.quantity;
      return written(ok(shop::stock_level{r.path[1], on_hand[r.path[1]]}));
    }
    if (route == "POST orders") return place(banyan::from_json<shop::order_body>(r.body).value(), r.body);
    if (r.path.size() == 2 && r.path[1] == "sales") return ok(report_lag-- > 0 ? shop::sales_report{} : report());
    if (r.path.size() == 2 && r.path[1] == "stock") return ok(stock());
    return problem(404, "no_route");
  }

  banyan::http_response written(banyan::http_response r) {
    r.headers.add("X-Banyan-Position", "shop:" + std::to_string(++position_));
    return r;
  }

  banyan::http_response place(const shop::order_body& order, const std::string& text) {
    if (auto [at, added] = orders.emplace(order.id, text); !added)
      return at->second == text ? replies.at(order.id) : problem(409, "command_id_reused");
    shop::placed_order reply{.id = order.id, .status = "placed", .total = {}, .rejected = {}};
    for (const auto& line : order.lines) {
      auto price = line.unit_price ? banyan::parse_decimal(*line.unit_price).value() : banyan::decimal{prices[line.sku], 2};
      const char* why = !price.is_positive()         ? "unit_price_not_positive"
                        : line.quantity == 0         ? "quantity_zero"
                        : !prices.contains(line.sku) ? "unknown_sku"
                                                     : nullptr;
      auto value = line.quantity * banyan::to_minor(price);
      if (why) {
        reply.rejected.push_back({line.line, why, value});
        continue;
      }
      ++reply.accepted_lines;
      reply.total.minor += value;
      sold[line.sku] += line.quantity;
    }
    if (reply.accepted_lines == 0) return replies[order.id] = problem(422, "no_accepted_line");
    sales.add(shop::month_of(order.placed_at.value_or(banyan::instant{})), {1, reply.accepted_lines, reply.total.minor});
    return replies[order.id] = written(ok(reply, 201));
  }

  shop::sales_report report() const {
    shop::sales_report r{{sales.total.accepted_minor, "GBP"}, sales.total.orders, sales.total.accepted_lines, {}};
    for (const auto& [month, sum] : sales.months) r.months.push_back({month, {sum.accepted_minor, "GBP"}, sum.orders, sum.accepted_lines});
    return r;
  }

  shop::stock_report stock() const {
    shop::stock_report r;
    for (const auto& [sku, is_stocked] : stocked) {
      auto at = sold.find(sku);
      auto quantity = at == sold.end() ? 0 : at->second;
      auto opened = on_hand.find(sku);
      auto moved = is_stocked ? quantity : 0;
      r.skus.push_back({sku, quantity, moved, (opened == on_hand.end() ? 0 : opened->second) - moved, is_stocked});
    }
    return r;
  }

  int position_ = 0;
};

}  // namespace shop_test
