#include <shop/load_kinds.hpp>

#include <algorithm>
#include <array>

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

}  // namespace

bool is_load_kind(std::string_view kind) { return std::ranges::find(kinds, kind) != kinds.end(); }

std::string load_kind_names() {
  std::string names;
  for (auto kind : kinds) names += (names.empty() ? "" : ", ") + std::string{kind};
  return names;
}

load_requests::load_requests(const shop_api& api, std::vector<listed_product> products, std::uint64_t seed, std::string run)
    : api_{api}, products_{std::move(products)}, random_{seed}, run_{std::move(run)} {}

std::size_t load_requests::below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

const listed_product& load_requests::any_product() { return products_[below(products_.size())]; }

banyan::http_request load_requests::make(std::string_view kind) {
  if (kind == "order") return order();
  if (kind == "search") {
    const auto& product = any_product();
    return api_.get_products(word_of(product.name, below(16)), 20, "");
  }
  if (kind == "follow" && orders_ > 0) {
    auto back = below(std::min(orders_, follow_newest));
    return api_.get_order(run_ + std::to_string(orders_ - 1 - back));
  }
  if (kind == "report") return api_.get_sales_report();
  const auto& product = any_product();
  return below(4) == 0 ? api_.get_products("", 20, product.sku) : api_.get_product(product.sku);
}

banyan::http_request load_requests::order() {
  order_body body;
  body.id = run_ + std::to_string(orders_++);
  auto lines = 1 + static_cast<int>(below(4));
  for (int line = 1; line <= lines; ++line) {
    auto quantity = static_cast<std::int64_t>(1 + below(3));
    body.lines.push_back({line, any_product().sku, quantity, std::nullopt});
  }
  return api_.post_order(body);
}

}  // namespace shop
