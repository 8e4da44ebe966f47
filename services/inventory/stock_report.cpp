#include <services/inventory/stock_report.hpp>

namespace shop::inventory {

using banyan::code;
using banyan::error;

namespace {

void change(banyan::view_writer& v, const std::string& sku, std::int64_t sold, std::int64_t moved, std::int64_t on_hand, bool stocked) {
  v.run(
      "INSERT INTO levels VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (sku) DO UPDATE SET quantity = quantity + ?2, moved = moved + ?3, "
      "on_hand = on_hand + ?4, stocked = max(stocked, ?5)",
      sku, sold, moved, on_hand, stocked);
}

}  // namespace

void stock_levels::create(banyan::view_writer& v) {
  v.run(
      "CREATE TABLE levels (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL, moved INTEGER NOT NULL, on_hand INTEGER NOT NULL, "
      "stocked INTEGER NOT NULL) WITHOUT ROWID");
}

void stock_levels::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event&) {
  if (auto* x = std::get_if<sku_tracked>(&e)) change(v, x->sku, 0, 0, 0, true);
  if (auto* x = std::get_if<stock_received>(&e)) change(v, x->sku, 0, 0, x->quantity, true);
  if (auto* x = std::get_if<stock_moved>(&e)) change(v, x->sku, 0, x->quantity, -x->quantity, true);
  if (auto* x = std::get_if<orders::order_placed>(&e))
    for (auto& l : x->lines) change(v, l.sku, l.quantity, 0, 0, false);
  if (auto* x = std::get_if<orders::order_cancelled>(&e))
    for (auto& l : x->lines) change(v, l.sku, -l.quantity, 0, 0, false);
}

banyan::result<stock_level> stock_levels::answer(banyan::view_reader& v, const get_stock& q) {
  auto found = v.first<stock_level>("SELECT sku, on_hand FROM levels WHERE sku = ?1 AND stocked", q.sku);
  if (!found) return error{code::not_found, "no stock is kept of " + q.sku};
  return std::move(*found);
}

banyan::result<stock_report> stock_levels::answer(banyan::view_reader& v, const get_stock_report& q) {
  if (q.limit < 1 || q.limit > 5000) return error{code::invalid_argument, "limit is 1 to 5,000"}.at("limit");
  stock_report report;
  report.skus = v.query<stock_line>("SELECT sku, quantity, moved, on_hand, stocked FROM levels WHERE sku > ?1 ORDER BY sku LIMIT ?2",
                                    q.after.value_or(""), q.limit + 1);
  if (report.skus.size() > static_cast<std::size_t>(q.limit)) {
    report.skus.pop_back();
    report.next = report.skus.back().sku;
  }
  return report;
}

}  // namespace shop::inventory
