#include <shop/shop_api.hpp>

#include <banyan/journal/position_token.hpp>
#include <banyan/http/request_rules.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace shop {
namespace {

constexpr std::string_view not_a_shop = "not_a_shop";

std::string encoded(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

}  // namespace

bool is_no_shop(const banyan::error& e) { return e.reason == not_a_shop; }

banyan::error shop_api::no_shop(const std::string& why) const {
  return banyan::error{banyan::code::corrupt, "what answers at " + url_ + " is not a shop: " + why}.because(std::string{not_a_shop});
}

std::optional<banyan::error> shop_api::not_json(const banyan::http_response& answer) const {
  const auto type = answer.headers.get("Content-Type");
  if (banyan::is_json_type(type)) return std::nullopt;
  return no_shop("its answer with status " + std::to_string(answer.status) + " is no JSON");
}

banyan::result<shop_api> shop_api::at(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  auto base = banyan::request_to("GET", url);
  if (!base) return base.error();
  if (!base->query.empty()) return banyan::error{banyan::code::invalid_argument, "the shop's URL takes no query"}.at("url");
  shop_api api;
  api.url_ = std::move(url);
  api.authority_ = base->authority;
  if (base->target != "/") api.prefix_ = base->target;
  return api;
}

banyan::http_request shop_api::request(std::string_view method, std::string path_and_query, std::string body) const {
  banyan::http_request r;
  r.method = std::string{method};
  r.target = prefix_ + path_and_query;
  r.authority = authority_;
  r.body = std::move(body);
  r.headers.add("Accept", "application/json");
  if (!r.body.empty()) r.headers.add("Content-Type", "application/json");
  return r;
}

banyan::http_request shop_api::put_product(std::string_view sku, const product_body& product) const {
  return request("PUT", "/products/" + encoded(sku), banyan::to_json(product));
}
banyan::http_request shop_api::put_customer(std::string_view id, const customer_body& customer) const {
  return request("PUT", "/customers/" + encoded(id), banyan::to_json(customer));
}
banyan::http_request shop_api::post_movement(std::string_view sku, const movement_body& movement) const {
  return request("POST", "/stock/" + encoded(sku) + "/movements", banyan::to_json(movement));
}
banyan::http_request shop_api::post_order(const order_body& order) const { return request("POST", "/orders", banyan::to_json(order)); }
banyan::http_request shop_api::get_product(std::string_view sku) const { return request("GET", "/products/" + encoded(sku)); }
banyan::http_request shop_api::get_products(std::string_view text, int limit, std::string_view after) const {
  auto query = "/products?limit=" + std::to_string(limit);
  if (!text.empty()) query += "&text=" + encoded(text);
  if (!after.empty()) query += "&after=" + encoded(after);
  return request("GET", std::move(query));
}
banyan::http_request shop_api::get_order(std::string_view id) const { return request("GET", "/orders/" + encoded(id)); }
banyan::http_request shop_api::get_sales_report() const { return request("GET", "/reports/sales"); }
banyan::http_request shop_api::get_stock_report(std::string_view after) const {
  return request("GET", after.empty() ? "/reports/stock" : "/reports/stock?after=" + encoded(after));
}
banyan::http_request shop_api::get_payments(std::string_view after) const {
  return request("GET", after.empty() ? "/payments?limit=500" : "/payments?limit=500&after=" + encoded(after));
}
banyan::http_request shop_api::get_payments_report() const { return request("GET", "/reports/payments"); }
banyan::http_request shop_api::get_waiting_report() const { return request("GET", "/reports/waiting"); }

void seen_position::saw(const banyan::http_response& reply) {
  auto newer = banyan::parse_position_token(reply.headers.get(banyan::position_header));
  if (!newer) return;
  if (auto old = banyan::parse_position_token(token_))
    if (auto both = banyan::merge(*old, *newer)) newer = std::move(both);
  token_ = banyan::to_string(*newer);
}

void seen_position::stamp(banyan::http_request& read) const {
  if (!token_.empty()) read.headers.set(banyan::position_header, token_);
}

}  // namespace shop
