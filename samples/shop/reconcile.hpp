// Do the books agree? Comparisons (pure, but for the one that fetches) of what a file, the shop's replies, its reports and its journal say,
// each difference a sentence.
//
//   for (auto& sentence : shop::compare_sales(totals, report, shop::match::exact)) std::cout << sentence << '\n';
//
// An empty answer means: no difference.
#pragma once

#include <shop/exchange.hpp>
#include <shop/retail_book.hpp>
#include <shop/shop_api.hpp>

#include <map>
#include <string>
#include <vector>

namespace shop {

// Quantities of one SKU.
struct stock_sums {
  std::int64_t quantity = 0;  // accepted in orders, returns subtracted
  std::int64_t moved = 0;     // out of stock by orders, net
  std::int64_t on_hand = 0;
  bool stocked = false;
  friend bool operator==(const stock_sums&, const stock_sums&) = default;
};
using stock_by_sku = std::map<std::string, stock_sums>;

enum class match {
  exact,     // the report tells of nothing else
  at_least,  // the shop has other orders too: counts may be higher, and money says nothing
};

// All pages of /reports/stock as one.
banyan::result<stock_report> whole_stock_report(const shop_api& api, exchange& shop, const window_options& options, const stop_flag& stop);

std::vector<std::string> compare_totals(const sales_totals& expected, const sales_totals& found);
std::vector<std::string> compare_sales(const sales_totals& ours, const sales_report& report, match how);
// Every SKU of `ours`, and in `report` none besides but those at zero. `with_on_hand`: compare what is left as well.
std::vector<std::string> compare_stock(const stock_by_sku& ours, const stock_report& report, bool with_on_hand);

}  // namespace shop
