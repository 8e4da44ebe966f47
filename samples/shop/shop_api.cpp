#include <shop/shop_api.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>

namespace shop {
namespace {

constexpr std::string_view position_header = "X-Banyan-Position";

std::string encoded(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

// Tokens of one journal share everything but their last number.
std::pair<std::string_view, std::string_view> split_number(std::string_view token) {
  auto n = token.find_last_not_of("0123456789");
  auto begin = n == std::string_view::npos ? 0 : n + 1;
  auto digits = token.substr(begin);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return {token.substr(0, begin), digits};
}

bool is_newer(std::string_view token, std::string_view than) {
  auto [journal, number] = split_number(token);
  auto [other_journal, other] = split_number(than);
  if (journal != other_journal) return true;
  return number.size() != other.size() ? number.size() > other.size() : number > other;
}

}  // namespace

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
banyan::http_request shop_api::get_stock_report() const { return request("GET", "/reports/stock"); }

void seen_position::saw(const banyan::http_response& reply) {
  if (const auto* token = reply.headers.find(position_header); token && !token->empty() && is_newer(*token, token_)) token_ = *token;
}

void seen_position::stamp(banyan::http_request& read) const {
  if (!token_.empty()) read.headers.set(position_header, token_);
}

}  // namespace shop
