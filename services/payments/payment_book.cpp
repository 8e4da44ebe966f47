#include <services/payments/payment_book.hpp>

#include <banyan/core/json.hpp>

namespace shop::payments {

using banyan::code;
using banyan::error;

namespace {

struct payment_row {
  std::string id, key, status;
  std::int64_t minor = 0;
  std::string currency;
  std::optional<std::string> charge, reason, attention;
  std::int64_t requested_at = 0;  // nanoseconds since 1970, UTC
};
BOOST_DESCRIBE_STRUCT(payment_row, (), (id, key, status, minor, currency, charge, reason, attention, requested_at))

constexpr const char* columns =
    "SELECT id, key, status, minor, currency, charge, reason, attention, requested_at FROM payments";
constexpr const char* waiting = "waiting for the acquirer";

std::int64_t nanoseconds_of(banyan::instant t) { return t.time_since_epoch().count(); }

banyan::result<payment_view> view_of(payment_row r) {
  auto status = banyan::from_json<payment_status>('"' + r.status + '"');
  if (!status) return status.error();
  payment_view p{r.id,     r.key,    *status,     {r.minor, r.currency},
                 r.charge, r.reason, r.attention, banyan::instant{banyan::nanoseconds{r.requested_at}}};
  if (*status == payment_status::requested) p.reason = waiting;
  return p;
}

void mark(banyan::view_writer& v, const std::string& order, const std::string& what) {
  v.run("UPDATE payments SET attention = ?2 WHERE id = ?1", order, what);
}

}  // namespace

void payment_book::create(banyan::view_writer& v) {
  v.run(
      "CREATE TABLE payments (id TEXT PRIMARY KEY, key TEXT NOT NULL, status TEXT NOT NULL, minor INTEGER NOT NULL, "
      "currency TEXT NOT NULL, "
      "charge TEXT, reason TEXT, attention TEXT, requested_at INTEGER NOT NULL, taken INTEGER NOT NULL, paid_back "
      "INTEGER NOT NULL) WITHOUT "
      "ROWID");
  v.run("CREATE INDEX payments_by_status ON payments (status, id)");
  v.run("CREATE INDEX payments_of_note ON payments (id) WHERE attention IS NOT NULL");
}

void payment_book::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at) {
  constexpr const char* insert = "INSERT INTO payments VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, ?7, ?8, 0, 0)";
  const std::optional<std::string> none;
  if (auto* x = std::get_if<payment_requested>(&e))
    v.run(insert, x->order, x->key, "requested", x->amount.minor, x->amount.currency, none, none,
          nanoseconds_of(x->at));
  if (auto* x = std::get_if<payment_voided>(&e))
    v.run(insert, x->order, "", "voided", std::int64_t{0}, "GBP", std::optional{x->reason}, none,
          nanoseconds_of(x->at));
  if (auto* x = std::get_if<payment_concluded>(&e)) {
    const char* name = x->how == conclusion::captured   ? "captured"
                       : x->how == conclusion::declined ? "declined"
                                                        : "mismatched";
    // One that is to be paid back already stays so, unless there is nothing to pay back.
    v.run(
        "UPDATE payments SET status = CASE WHEN status = 'refunding' AND ?2 <> 'declined' THEN status ELSE ?2 END, "
        "charge = nullif(?3, ''), "
        "reason = nullif(?4, ''), taken = ?5 WHERE id = ?1",
        x->order, name, x->charge, x->reason, x->taken.currency == "GBP" ? x->taken.minor : std::int64_t{0});
    if (x->how == conclusion::mismatched) mark(v, x->order, x->reason);
  }
  if (auto* x = std::get_if<refund_requested>(&e))
    v.run("UPDATE payments SET status = 'refunding', reason = nullif(?2, '') WHERE id = ?1", x->order, x->reason);
  if (auto* x = std::get_if<payment_refunded>(&e))
    // What was taken by a mismatched charge is known by what is paid back: all that the acquirer has in its book.
    v.run(
        "UPDATE payments SET status = 'refunded', paid_back = ?2, taken = CASE WHEN attention IS NULL THEN taken ELSE "
        "?2 END WHERE id = ?1",
        x->order, x->amount.currency == "GBP" ? x->amount.minor : std::int64_t{0});
  if (auto* x = std::get_if<settlement_recorded>(&e); x && !x->attention.empty()) {
    const auto found = v.first<std::string>("SELECT status FROM payments WHERE id = ?1", x->payment);
    const auto what = "settlement " + x->said.event_id + ": " + x->attention;
    if (found)
      mark(v, x->payment, what);
    else
      v.run(insert, x->payment, x->said.key, "voided", x->said.amount.minor, x->said.amount.currency, none,
            std::optional{what}, nanoseconds_of(at.recorded_at));
  }
}

banyan::result<payment_view> payment_book::answer(banyan::view_reader& v, const get_payment& q) {
  auto found = v.first<payment_row>(std::string{columns} + " WHERE id = ?1", q.order);
  if (!found) return error{code::not_found, "no payment of order " + q.order};
  return view_of(std::move(*found));
}

banyan::result<payment_list> payment_book::answer(banyan::view_reader& v, const get_payments& q) {
  if (q.limit < 1 || q.limit > 500) return error{code::invalid_argument, "limit is 1 to 500"}.at("limit");
  std::string sql = std::string{columns} + " WHERE id > ?1 AND (?3 = '' OR status = ?3)";
  if (q.attention) sql += " AND attention IS NOT NULL";
  sql += " ORDER BY id LIMIT ?2";
  const auto status = q.status ? banyan::to_json(*q.status) : std::string{};  // with quotation marks
  const auto wanted = status.empty() ? status : status.substr(1, status.size() - 2);
  payment_list list;
  for (auto& r : v.query<payment_row>(sql, q.after.value_or(""), q.limit + 1, wanted)) {
    if (list.payments.size() == static_cast<std::size_t>(q.limit)) {
      list.next = list.payments.back().order;
      break;
    }
    auto p = view_of(std::move(r));
    if (!p) return p.error();
    list.payments.push_back(std::move(*p));
  }
  return list;
}

namespace {
struct sums_row {
  std::int64_t waiting = 0, captured = 0, declined = 0, refunded = 0, attention = 0, taken = 0, paid_back = 0;
};
BOOST_DESCRIBE_STRUCT(sums_row, (), (waiting, captured, declined, refunded, attention, taken, paid_back))
}  // namespace

banyan::result<payments_report> payment_book::answer(banyan::view_reader& v, const get_payments_report&) {
  const auto sums = v.first<sums_row>(
      "SELECT count(*) FILTER (WHERE status IN ('requested', 'refunding')) AS waiting, count(*) FILTER (WHERE status = "
      "'captured') AS captured, "
      "count(*) FILTER (WHERE status = 'declined') AS declined, count(*) FILTER (WHERE status = 'refunded') AS "
      "refunded, count(attention) AS "
      "attention, coalesce(sum(taken), 0) AS taken, coalesce(sum(paid_back), 0) AS paid_back FROM payments");
  if (!sums) return payments_report{};
  return payments_report{sums->waiting,   sums->captured,       sums->declined,          sums->refunded,
                         sums->attention, {sums->taken, "GBP"}, {sums->paid_back, "GBP"}};
}

}  // namespace shop::payments
