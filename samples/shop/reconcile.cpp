#include <shop/reconcile.hpp>

#include <shop/progress.hpp>

#include <set>

namespace shop {
namespace {

class differences {
 public:
  void expect(bool fits, const std::string& what, std::int64_t ours, std::int64_t theirs) {
    if (!fits) say(what + ": expected " + with_thousands(ours) + ", found " + with_thousands(theirs));
  }
  void equal(const std::string& what, std::int64_t ours, std::int64_t theirs) { expect(ours == theirs, what, ours, theirs); }
  void say(std::string sentence) { sentences_.push_back(std::move(sentence)); }
  std::vector<std::string> take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

void compare_sum(differences& d, const std::string& where, const sales_sum& expected, const sales_sum& found) {
  d.equal(where + " orders", expected.orders, found.orders);
  d.equal(where + " accepted lines", expected.accepted_lines, found.accepted_lines);
  d.equal(where + " pence", expected.accepted_minor, found.accepted_minor);
}

template <class Map>
std::set<std::string> keys_of(const Map& a, const Map& b) {
  std::set<std::string> keys;
  for (const auto& [key, value] : a) keys.insert(key);
  for (const auto& [key, value] : b) keys.insert(key);
  return keys;
}

template <class Map>
typename Map::mapped_type value_at(const Map& map, const std::string& key) {
  auto at = map.find(key);
  return at == map.end() ? typename Map::mapped_type{} : at->second;
}

}  // namespace

banyan::result<stock_report> whole_stock_report(const shop_api& api, exchange& shop, const window_options& options, const stop_flag& stop) {
  stock_report whole;
  auto all = shop.pages(api.get_stock_report(), options, stop,
                        [&](const banyan::http_response& answer) -> banyan::result<std::optional<banyan::http_request>> {
                          auto page = api.reply<stock_report>(answer);
                          if (!page) return page.error();
                          whole.skus.insert(whole.skus.end(), page->skus.begin(), page->skus.end());
                          if (!page->next || page->skus.empty()) return std::optional<banyan::http_request>{};
                          return std::optional{api.get_stock_report(*page->next)};
                        });
  if (!all) return all.error();
  return whole;
}

std::vector<std::string> compare_totals(const sales_totals& expected, const sales_totals& found) {
  differences d;
  compare_sum(d, "total", expected.total, found.total);
  for (const auto& month : keys_of(expected.months, found.months))
    compare_sum(d, month, value_at(expected.months, month), value_at(found.months, month));
  for (const auto& reason : keys_of(expected.rejected_by_reason, found.rejected_by_reason))
    d.equal("lines rejected as " + reason, value_at(expected.rejected_by_reason, reason), value_at(found.rejected_by_reason, reason));
  d.equal("rejected pence", expected.rejected_minor, found.rejected_minor);
  return d.take();
}

std::vector<std::string> compare_sales(const sales_totals& ours, const sales_report& report, match how) {
  differences d;
  auto compare = [&](const std::string& where, const sales_sum& sum, const auto& reported) {
    if (how == match::exact) {
      compare_sum(d, where, sum, {reported.orders, reported.lines, reported.total.minor});
    } else {
      d.expect(reported.orders >= sum.orders, where + " orders, at least", sum.orders, reported.orders);
      d.expect(reported.lines >= sum.accepted_lines, where + " accepted lines, at least", sum.accepted_lines, reported.lines);
    }
  };
  compare("total", ours.total, report);
  std::map<std::string, month_sales> reported;
  for (const auto& month : report.months)
    if (!reported.emplace(month.month, month).second) d.say(month.month + " is reported twice");
  std::map<std::string, month_sales> named;
  for (const auto& [month, sum] : ours.months) named[month];
  for (const auto& month : keys_of(named, reported)) {
    if (how == match::at_least && !named.contains(month)) continue;
    compare(month, value_at(ours.months, month), value_at(reported, month));
  }
  return d.take();
}

std::vector<std::string> compare_stock(const stock_by_sku& ours, const stock_report& report, bool with_on_hand) {
  differences d;
  stock_by_sku reported;
  for (const auto& row : report.skus)
    if (!reported.emplace(row.sku, stock_sums{row.quantity, row.moved, row.on_hand, row.stocked}).second)
      d.say(row.sku + " is reported twice");
  for (const auto& sku : keys_of(ours, reported)) {
    auto expected = value_at(ours, sku);
    auto found = value_at(reported, sku);
    d.equal(sku + " quantity sold", expected.quantity, found.quantity);
    d.equal(sku + " moved out of stock", expected.moved, found.moved);
    if (with_on_hand) d.equal(sku + " on hand", expected.on_hand, found.on_hand);
  }
  return d.take();
}

}  // namespace shop
