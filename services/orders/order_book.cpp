#include <services/orders/order_book.hpp>

namespace shop::orders {

using banyan::code;
using banyan::error;

namespace {

struct order_row {
  std::string id;
  std::optional<std::string> customer;
  std::int64_t placed_at = 0;   // nanoseconds since 1970, UTC
  std::string kind, status;
  std::optional<std::string> cancel_reason;
  std::string lines;            // JSON
  std::int64_t minor = 0;
  std::string currency;
  bool waits = false;
};
BOOST_DESCRIBE_STRUCT(order_row, (),
                      (id, customer, placed_at, kind, status, cancel_reason, lines, minor, currency, waits))

struct summary_row {
  std::string id;
  std::int64_t placed_at = 0;
  std::string status;
  std::int64_t minor = 0;
  std::string currency;
  bool waits = false;
};
BOOST_DESCRIBE_STRUCT(summary_row, (), (id, placed_at, status, minor, currency, waits))

banyan::instant instant_of(std::int64_t ns) { return banyan::instant{banyan::nanoseconds{ns}}; }

order_status status_of(const std::string& text) {
  if (text == "confirmed") return order_status::confirmed;
  return text == "cancelled" ? order_status::cancelled : order_status::placed;
}

std::optional<std::string> reason_of(bool waits) {
  if (!waits) return {};
  return "waiting for the acquirer";
}

order_summary summary_of(const summary_row& r) {
  return {r.id, instant_of(r.placed_at), status_of(r.status), {r.minor, r.currency}, reason_of(r.waits)};
}

}  // namespace

void order_book::create(banyan::view_writer& v) {
  v.run(
      "CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT, placed_at INTEGER NOT NULL, kind TEXT NOT NULL, status "
      "TEXT NOT NULL, "
      "cancel_reason TEXT, lines TEXT NOT NULL, minor INTEGER NOT NULL, currency TEXT NOT NULL, waits INTEGER NOT "
      "NULL) WITHOUT ROWID");
  v.run("CREATE INDEX orders_by_customer ON orders (customer, placed_at)");
  v.run("CREATE INDEX orders_that_wait ON orders (placed_at, id) WHERE waits");
}

void order_book::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event&) {
  if (auto* p = std::get_if<order_placed>(&e)) {
    std::vector<order_line_view> lines;
    for (auto& l : p->lines) lines.push_back({l.line, l.sku, l.quantity, {l.unit_minor, "GBP"}, {l.total_minor, "GBP"}});
    v.run("INSERT INTO orders VALUES (?1, ?2, ?3, ?4, 'placed', NULL, ?5, ?6, ?7, 0)", p->id, p->customer,
          std::int64_t{p->placed_at.time_since_epoch().count()}, p->kind, banyan::to_json(lines), p->total.minor, p->total.currency);
  }
  if (auto* c = std::get_if<order_confirmed>(&e))
    v.run("UPDATE orders SET status = 'confirmed', waits = 0 WHERE id = ?1", c->id);
  if (auto* c = std::get_if<order_cancelled>(&e))
    v.run("UPDATE orders SET status = 'cancelled', cancel_reason = ?2, waits = 0 WHERE id = ?1", c->id, c->reason);
  if (auto* w = std::get_if<payment_awaited>(&e)) v.run("UPDATE orders SET waits = 1 WHERE id = ?1", w->id);
}

banyan::result<order_view> order_book::answer(banyan::view_reader& v, const get_order& q) {
  auto r = v.first<order_row>(
      "SELECT id, customer, placed_at, kind, status, cancel_reason, lines, minor, currency, waits FROM orders WHERE id "
      "= ?1",
      q.id);
  if (!r) return error{code::not_found, "no order " + q.id};
  auto lines = banyan::from_json<std::vector<order_line_view>>(r->lines);
  if (!lines) return lines.error();
  return order_view{r->id,           r->customer,        instant_of(r->placed_at), r->kind, status_of(r->status),
                    r->cancel_reason, std::move(*lines), {r->minor, r->currency},  reason_of(r->waits)};
}

banyan::result<order_list> order_book::answer(banyan::view_reader& v, const get_customer_orders& q) {
  if (q.limit < 1 || q.limit > 500) return error{code::invalid_argument, "limit is 1 to 500"}.at("limit");
  std::string sql = "SELECT id, placed_at, status, minor, currency, waits FROM orders WHERE customer = ?1";
  std::int64_t before = 0;
  if (q.after) {
    const auto last = v.first<std::int64_t>("SELECT placed_at FROM orders WHERE id = ?1 AND customer = ?2", *q.after, q.id);
    if (!last) return order_list{};
    before = *last;
    sql += " AND (placed_at, ?3) < (?4, id)";
  }
  sql += " ORDER BY placed_at DESC, id LIMIT ?2";
  const auto rows = q.after ? v.query<summary_row>(sql, q.id, q.limit + 1, *q.after, before) : v.query<summary_row>(sql, q.id, q.limit + 1);
  order_list list;
  for (const auto& r : rows) {
    if (list.orders.size() == static_cast<std::size_t>(q.limit)) {
      list.next = list.orders.back().id;
      break;
    }
    list.orders.push_back(summary_of(r));
  }
  return list;
}

banyan::result<waiting_orders> order_book::answer(banyan::view_reader& v, const get_waiting_orders&) {
  waiting_orders all;
  all.count = v.first<std::int64_t>("SELECT count(*) FROM orders WHERE waits").value_or(0);
  for (const auto& r : v.query<summary_row>("SELECT id, placed_at, status, minor, currency, waits FROM orders WHERE "
                                            "waits ORDER BY placed_at, id LIMIT 50"))
    all.oldest.push_back(summary_of(r));
  return all;
}

namespace {

struct month_row {
  std::string month;
  std::int64_t minor = 0, orders = 0, lines = 0;
};
BOOST_DESCRIBE_STRUCT(month_row, (), (month, minor, orders, lines))

void count(banyan::view_writer& v, banyan::instant placed_at, std::int64_t minor, std::int64_t orders, std::int64_t lines) {
  v.run(
      "INSERT INTO months VALUES (?1, ?2, ?3, ?4) ON CONFLICT (month) DO UPDATE SET minor = minor + ?2, orders = orders + ?3, lines = lines + ?4",
      banyan::to_rfc3339(placed_at).substr(0, 7), minor, orders, lines);
}

}  // namespace

void sales_by_month::create(banyan::view_writer& v) {
  v.run("CREATE TABLE months (month TEXT PRIMARY KEY, minor INTEGER NOT NULL, orders INTEGER NOT NULL, lines INTEGER NOT NULL)");
}

void sales_by_month::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event&) {
  if (auto* p = std::get_if<order_placed>(&e)) count(v, p->placed_at, p->total.minor, 1, static_cast<std::int64_t>(p->lines.size()));
  if (auto* c = std::get_if<order_cancelled>(&e)) count(v, c->placed_at, -c->total.minor, -1, -static_cast<std::int64_t>(c->lines.size()));
}

banyan::result<sales_report> sales_by_month::answer(banyan::view_reader& v, const get_sales_report&) {
  sales_report report{{0, "GBP"}, 0, 0, {}};
  for (auto& m : v.query<month_row>("SELECT month, minor, orders, lines FROM months WHERE orders <> 0 ORDER BY month")) {
    report.total.minor += m.minor;
    report.orders += m.orders;
    report.lines += m.lines;
    report.months.push_back({m.month, {m.minor, "GBP"}, m.orders, m.lines});
  }
  return report;
}

}  // namespace shop::orders
