// The shop's public HTTP API as its clients see it: requests made, replies read. Values only; nothing is sent here.
//
//   auto api = shop::shop_api::at("http://127.0.0.1:8080");
//   auto request = api->put_product("85123A", {"WHITE HANGING HEART", {255, "GBP"}, true});
//   auto reply = api->reply<shop::placed_order>(response);
//
// The structs hold what a client needs and no more; the reader ignores whatever else the shop says. This is a client like anybody
// else's: it shares no type with the services. What answers at the shop's address may be somebody else, who says 200 to everything: every
// answer that counts is read as the reply that the API promises.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/core/time.hpp>
#include <banyan/http/message.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

// Requests.
struct product_body {
  std::string name;
  banyan::money price;
  bool stocked = true;  // false: postage, fees and the like, which inventory does not count
};
BOOST_DESCRIBE_STRUCT(product_body, (), (name, price, stocked))

struct customer_body {
  std::string name;
  std::optional<std::string> country;
};
BOOST_DESCRIBE_STRUCT(customer_body, (), (name, country))

struct movement_body {
  std::string id;    // the movement's identity: the same id moves stock once
  std::string kind;  // "opening" or "receipt"
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(movement_body, (), (id, kind, quantity))

struct order_line_body {
  int line = 0;  // identity within the order
  std::string sku;
  std::int64_t quantity = 0;              // negative in returns
  std::optional<std::string> unit_price;  // decimal pounds; absent: what the catalog says
};
BOOST_DESCRIBE_STRUCT(order_line_body, (), (line, sku, quantity, unit_price))

struct order_body {
  std::string id;
  std::optional<std::string> customer;  // absent: a guest
  std::optional<banyan::instant> placed_at;
  std::optional<std::string> kind;  // "sale" (when absent) or "return"
  std::vector<order_line_body> lines;
};
BOOST_DESCRIBE_STRUCT(order_body, (), (id, customer, placed_at, kind, lines))

// Replies.
struct known_customer {
  std::string id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(known_customer, (), (id, name))

struct stock_level {
  std::string sku;
  std::int64_t on_hand = 0;
};
BOOST_DESCRIBE_STRUCT(stock_level, (), (sku, on_hand))

struct known_order {
  std::string id;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(known_order, (), (id, status))

struct rejected_line {
  int line = 0;
  std::string reason;
  std::int64_t value_minor = 0;
  static constexpr auto optional_fields = banyan::fields("value_minor");
};
BOOST_DESCRIBE_STRUCT(rejected_line, (), (line, reason, value_minor))

struct placed_order {
  std::string id;
  std::string status;
  banyan::money total;
  std::int64_t accepted_lines = 0;
  std::vector<rejected_line> rejected;
  static constexpr auto optional_fields = banyan::fields("rejected");
};
BOOST_DESCRIBE_STRUCT(placed_order, (), (id, status, total, accepted_lines, rejected))

struct listed_product {
  std::string sku;
  std::string name;
  banyan::money price;
};
BOOST_DESCRIBE_STRUCT(listed_product, (), (sku, name, price))

struct product_list {
  std::vector<listed_product> products;
  std::optional<std::string> next;  // pass as `after` for the page that follows
};
BOOST_DESCRIBE_STRUCT(product_list, (), (products, next))

struct month_sales {
  std::string month;  // "2010-12"
  banyan::money total;
  std::int64_t orders = 0;
  std::int64_t lines = 0;
};
BOOST_DESCRIBE_STRUCT(month_sales, (), (month, total, orders, lines))

struct sales_report {
  banyan::money total;
  std::int64_t orders = 0;
  std::int64_t lines = 0;
  std::vector<month_sales> months;
};
BOOST_DESCRIBE_STRUCT(sales_report, (), (total, orders, lines, months))

struct stock_row {
  std::string sku;
  std::int64_t quantity = 0;  // accepted quantity sold, net of returns
  std::int64_t moved = 0;     // quantity that left the stock, net; 0 for what is not stocked
  std::int64_t on_hand = 0;
  bool stocked = true;
};
BOOST_DESCRIBE_STRUCT(stock_row, (), (sku, quantity, moved, on_hand, stocked))

struct stock_report {
  std::vector<stock_row> skus;
  std::optional<std::string> next;  // pass as `after` for the page that follows
};
BOOST_DESCRIBE_STRUCT(stock_report, (), (skus, next))

struct payment_row {
  std::string order;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(payment_row, (), (order, status))

struct payment_page {
  std::vector<payment_row> payments;
  std::optional<std::string> next;  // pass as `after` for the page that follows
};
BOOST_DESCRIBE_STRUCT(payment_page, (), (payments, next))

struct payments_report {
  std::int64_t waiting = 0;
  std::int64_t attention = 0;
  banyan::money taken;
  banyan::money paid_back;
};
BOOST_DESCRIBE_STRUCT(payments_report, (), (waiting, attention, taken, paid_back))

struct waiting_report {
  std::int64_t count = 0;  // orders that are neither confirmed nor cancelled, their goods reserved
};
BOOST_DESCRIBE_STRUCT(waiting_report, (), (count))

// An answer that is no reply of the API, whatever its status.
bool is_no_shop(const banyan::error& e);

class shop_api {
 public:
  // `url`: "http://host:port", a path in front of the API is kept. Errors: invalid_argument when it is no such URL.
  static banyan::result<shop_api> at(std::string url);

  banyan::http_request put_product(std::string_view sku, const product_body& product) const;
  banyan::http_request put_customer(std::string_view id, const customer_body& customer) const;
  banyan::http_request post_movement(std::string_view sku, const movement_body& movement) const;
  banyan::http_request post_order(const order_body& order) const;
  banyan::http_request get_product(std::string_view sku) const;
  banyan::http_request get_products(std::string_view text, int limit, std::string_view after) const;
  banyan::http_request get_order(std::string_view id) const;
  banyan::http_request get_sales_report() const;
  banyan::http_request get_stock_report(std::string_view after = {}) const;
  banyan::http_request get_payments(std::string_view after = {}) const;  // 500 at a time
  banyan::http_request get_payments_report() const;
  banyan::http_request get_waiting_report() const;

  // The answer as the reply that the API promises to the request. Errors: that of the answer; corrupt, and is_no_shop, when it is none.
  template <class Reply>
  banyan::result<Reply> reply(const banyan::http_response& answer) const {
    if (auto other = not_json(answer)) return *other;
    auto read = banyan::from_json<Reply>(answer.body);
    if (!read) return no_shop(read.error().message);
    return read;
  }
  template <class Reply>
  banyan::result<Reply> reply(const banyan::result<banyan::http_response>& answer) const {
    if (!answer) return answer.error();
    return reply<Reply>(*answer);
  }

  const std::string& url() const { return url_; }

 private:
  std::optional<banyan::error> not_json(const banyan::http_response& answer) const;
  banyan::error no_shop(const std::string& why) const;
  banyan::http_request request(std::string_view method, std::string path_and_query, std::string body = {}) const;
  std::string url_;
  std::string authority_;
  std::string prefix_;
};

// The read-your-writes token of one service's writes: a read that shows it waits until its view has caught up with them. Each service has
// its own journal, so keep one for each.
class seen_position {
 public:
  void saw(const banyan::http_response& reply);  // keeps the newest, in whatever order replies arrive; ignores what is no token
  void stamp(banyan::http_request& read) const;
  const std::string& token() const { return token_; }

 private:
  std::string token_;
};

}  // namespace shop
