#include <shop/load_kinds.hpp>

#include <banyan/http/request_rules.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace shop {
namespace {

constexpr std::array<std::string_view, 5> kinds{"browse", "search", "order", "follow", "report"};
constexpr std::size_t follow_newest = 100;  // the orders that people look at are recent ones

std::string word_of(const std::string& name, std::size_t draw) {
  std::vector<std::string> words;
  std::string word;
  for (char c : name + " ") {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) word.push_back(c);
    if (!letter && word.size() >= 3) words.push_back(word);
    if (!letter) word.clear();
  }
  return words.empty() ? name : words[draw % words.size()];
}

template <class Reply>
bool reads_as(const banyan::http_response& answer) {
  return banyan::is_json_type(answer.headers.get("Content-Type")) && banyan::from_json<Reply>(answer.body);
}

}  // namespace

bool is_load_kind(std::string_view kind) { return std::ranges::find(kinds, kind) != kinds.end(); }

std::string load_kind_names() {
  std::string names;
  for (auto kind : kinds) names += (names.empty() ? "" : ", ") + std::string{kind};
  return names;
}

load_requests::load_requests(const shop_api& api, std::vector<listed_product> products, std::uint64_t seed, std::string run)
    : api_{api}, products_{std::move(products)}, random_{seed}, run_{std::move(run)} {
  std::ranges::copy_if(products_, std::back_inserter(priced_), [](const auto& p) { return p.price.minor > 0; });
  if (priced_.empty()) priced_ = products_;
}

std::size_t load_requests::below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

const listed_product& load_requests::any_of(const std::vector<listed_product>& products) { return products[below(products.size())]; }

void load_requests::acknowledge(acknowledged_order order) {
  if (acknowledged_.size() < follow_newest)
    acknowledged_.push_back(std::move(order));
  else
    acknowledged_[oldest_++ % follow_newest] = std::move(order);
}

load_request load_requests::make(std::string_view kind) {
  if (kind == "order") return order();
  if (kind == "report") return {api_.get_sales_report(), &reads_as<sales_report>};
  if (kind == "search") return {api_.get_products(word_of(any_of(products_).name, below(16)), 20, ""), &reads_as<product_list>};
  auto draw = below(1 << 20);  // drawn even when not needed, so that the numbers that follow do not depend on the shop
  const auto& product = any_of(products_);
  if (kind == "follow" && !acknowledged_.empty()) {
    const auto& order = acknowledged_[draw % acknowledged_.size()];
    load_request follow{api_.get_order(order.id), &reads_as<known_order>};
    if (!order.position.empty()) follow.request.headers.set("X-Banyan-Position", order.position);
    return follow;
  }
  if (draw % 4 == 0) return {api_.get_products("", 20, product.sku), &reads_as<product_list>};
  return {api_.get_product(product.sku), &reads_as<listed_product>};
}

load_request load_requests::order() {
  order_body body;
  body.id = run_ + std::to_string(orders_++);
  auto lines = 1 + static_cast<int>(below(4));
  for (int line = 1; line <= lines; ++line) {
    auto quantity = static_cast<std::int64_t>(1 + below(3));
    body.lines.push_back({line, any_of(priced_).sku, quantity, std::nullopt});
  }
  return {api_.post_order(body), &reads_as<placed_order>, body.id};
}

}  // namespace shop
