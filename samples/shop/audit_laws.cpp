#include <shop/audit_laws.hpp>

#include <shop/progress.hpp>
#include <shop/reconcile.hpp>

#include <algorithm>
#include <set>

namespace shop {

void audit_law::violate(std::string order, std::string text) {
  ++violations;
  if (first_violations.size() < violations_told) first_violations.push_back({std::move(order), std::move(text)});
}

bool audit_findings::hold() const { return std::ranges::all_of(laws, &audit_law::holds); }

bool audit_findings::may_settle() const {
  return !hold() && std::ranges::all_of(laws, [](const auto& law) { return law.holds() || law.may_settle; });
}

namespace {

constexpr std::string_view pounds_currency = "GBP", captured = "captured";

std::string pence(std::int64_t n) { return with_thousands(n) + " pence"; }

// What the acquirer has of an order.
struct order_at_acquirer {
  std::int64_t charges = 0;
  std::int64_t taken = 0, paid_back = 0;  // pence
  std::vector<std::string> foreign{};     // captured in another currency
};

class judgement {
 public:
  explicit judgement(const audit_facts& facts) : facts_{facts} {
    facts_.journal.for_each_order([this](const order_in_books& o) { orders_.emplace(o.id, o); });
    for (const auto& charge : facts_.charges) {
      auto& sums = at_acquirer_[charge.order];
      ++sums.charges;
      if (charge.status != captured) continue;
      if (charge.amount.currency == pounds_currency && charge.refunded.currency == pounds_currency) {
        sums.taken += charge.amount.minor;
        sums.paid_back += charge.refunded.minor;
      } else {
        sums.foreign.push_back(to_string(charge.amount));
      }
    }
    for (const auto& id : facts_.journal.open_orders_to(facts_.work.handled_to)) stuck_.insert(id);
  }

  audit_findings all() {
    return {{acquirer_adds_up(), one_charge_per_order(), no_charge_without_order(), money_of_orders(),
             confirmed_orders_are_paid(), payments_report_agrees(), reservations(), journal_adds_up(),
             shop_reports_agree(), nothing_waits()}};
  }

 private:
  // Whether all books can be expected to say the same of it.
  bool is_settled(const order_in_books& o) const { return !o.is_open && o.last_event <= facts_.quiet_since; }
  // Nothing was written while the others were read.
  bool is_quiet() const { return facts_.journal.head() <= facts_.quiet_since; }
  const order_at_acquirer& acquirer_of(const std::string& id) const {
    static const order_at_acquirer nothing;
    const auto at = at_acquirer_.find(id);
    return at == at_acquirer_.end() ? nothing : at->second;
  }

  audit_law acquirer_adds_up() const {
    audit_law law{.name = "the acquirer's book adds up", .may_settle = true};
    std::map<std::string, acquirer_sums> sums;
    acquirer_totals own;
    for (const auto& c : facts_.charges) {
      auto& s = sums[c.amount.currency];
      ++own.charges;
      ++s.charges;
      if (c.status != captured) {
        ++own.declined;
        ++s.declined;
      } else {
        ++own.captured;
        s.captured_minor += c.amount.minor;
      }
      if (c.refunded.minor > 0 && c.refunded.currency == c.amount.currency) s.refunded_minor += c.refunded.minor;
      if (c.refunded.minor > (c.status == captured ? c.amount.minor : 0))
        law.violate(c.order, "more was paid back than taken: " + to_string(c.refunded) + " of " + to_string(c.amount));
      const auto listed = facts_.refunds.find(c.key);
      std::int64_t refunded = 0;
      for (const auto& r : listed == facts_.refunds.end() ? std::vector<acquirer_refund>{} : listed->second) {
        ++own.refunds;
        ++s.refunds;
        refunded += r.amount.minor;
        if (r.order != c.order || r.charge != c.key || r.amount.currency != c.amount.currency)
          law.violate(c.order, "refund " + r.key + " of " + to_string(r.amount) + " is not of this charge");
      }
      if (refunded != c.refunded.minor)
        law.violate(c.order, "the charge says that " + with_thousands(c.refunded.minor) +
                                 " were paid back, its refunds add up to " + with_thousands(refunded));
    }
    law.counts = {
        {"charges", own.charges}, {"captured", own.captured}, {"declined", own.declined}, {"refunds", own.refunds}};
    for (const auto& [currency, s] : sums)
      if (currency == pounds_currency) law.pence = {{"captured", s.captured_minor}, {"refunded", s.refunded_minor}};
    if (facts_.totals_before.by_currency != facts_.totals.by_currency) {
      if (facts_.may_wait)
        law.not_checked = "its totals moved while its pages were read";
      else
        law.violate({}, "its totals moved while its pages were read");
      return law;
    }
    const auto& t = facts_.totals;
    if (t.charges != own.charges || t.captured != own.captured || t.declined != own.declined ||
        t.refunds != own.refunds)
      law.violate({}, "its totals count " + with_thousands(t.charges) + " charges and " + with_thousands(t.refunds) +
                          " refunds, its pages have " + with_thousands(own.charges) + " and " +
                          with_thousands(own.refunds));
    else if (t.by_currency != sums)
      law.violate({}, "its totals by currency are not the sums of its pages");
    return law;
  }

  audit_law one_charge_per_order() const {
    audit_law law{.name = "every order has at most one charge"};
    law.counts = {{"orders charged", static_cast<std::int64_t>(at_acquirer_.size())},
                  {"charges", static_cast<std::int64_t>(facts_.charges.size())}};
    for (const auto& [id, sums] : at_acquirer_)
      if (sums.charges > 1)
        law.violate(id, with_thousands(sums.charges) + " charges, " + pence(sums.taken) + " in all");
    return law;
  }

  // The intent is in the journal before the acquirer hears of it, and the journal was read again after the acquirer's
  // book.
  audit_law no_charge_without_order() const {
    audit_law law{.name = "no charge without an order that asked for it"};
    law.counts = {{"charges", static_cast<std::int64_t>(facts_.charges.size())},
                  {"orders", static_cast<std::int64_t>(orders_.size())}};
    for (const auto& [id, sums] : at_acquirer_) {
      const auto order = orders_.find(id);
      if (order == orders_.end())
        law.violate(id, "was charged " + pence(sums.taken) + ", but there is no such order");
      else if (!order->second.was_requested)
        law.violate(id, "was charged " + pence(sums.taken) + ", but no payment of it was requested");
    }
    return law;
  }

  audit_law money_of_orders() const {
    audit_law law{.name = "captured minus refunded, order by order: acquirer = payments' journal"};
    std::int64_t compared = 0, theirs = 0, ours = 0, left_out = 0;
    for (const auto& [id, o] : orders_) {
      const auto& there = acquirer_of(id);
      for (const auto& amount : there.foreign)
        law.violate(id, "the acquirer took " + amount + ", the shop asks for pounds only");
      if (!is_settled(o)) {
        left_out += o.was_requested ? 1 : 0;
        continue;
      }
      if (o.was_requested) ++compared;
      theirs += there.taken - there.paid_back;
      ours += o.taken - o.paid_back;
      if (there.taken != o.taken)
        law.violate(id, "the acquirer took " + pence(there.taken) + ", the payments' journal says " + pence(o.taken));
      if (there.paid_back != o.paid_back)
        law.violate(id, "the acquirer paid " + pence(there.paid_back) + " back, the payments' journal says " +
                            pence(o.paid_back));
    }
    law.counts = {{"payments", compared}};
    if (left_out > 0) law.counts["left out"] = left_out;
    law.pence = {{"acquirer", theirs}, {"journal", ours}};
    return law;
  }

  audit_law confirmed_orders_are_paid() const {
    audit_law law{.name = "what is kept of an order is its total when it is confirmed, else nothing"};
    std::int64_t confirmed = 0, free = 0, cancelled = 0, due_in_all = 0, kept_in_all = 0;
    for (const auto& [id, o] : orders_) {
      if (o.stage == order_stage::placed || !is_settled(o)) continue;
      const bool is_sold = o.stage == order_stage::confirmed;
      const std::int64_t due = is_sold ? std::max<std::int64_t>(o.total, 0) : 0;  // what pays out does so at the till
      const std::int64_t kept = o.taken - o.paid_back;
      ++(!is_sold ? cancelled : due == 0 ? free : confirmed);
      due_in_all += due;
      kept_in_all += kept;
      if (is_sold && due > 0 && !o.was_captured)
        law.violate(id, "is confirmed, costs " + pence(due) + ", and was never charged");
      else if (kept != due)
        law.violate(id, std::string{is_sold ? "is confirmed, costs " : "is cancelled, costs "} + pence(due) + ", and " +
                            pence(kept) + " are kept");
    }
    law.counts = {{"confirmed", confirmed}, {"without a price", free}, {"cancelled", cancelled}};
    law.pence = {{"due", due_in_all}, {"kept", kept_in_all}};
    return law;
  }

  audit_law payments_report_agrees() const {
    audit_law law{.name = "the payments' reports say what their journal says", .may_settle = true};
    law.counts = {{"payments", static_cast<std::int64_t>(facts_.payments.size())},
                  {"attention", facts_.payment_sums.attention}};
    law.pence = {{"taken", facts_.payment_sums.taken.minor}, {"paid back", facts_.payment_sums.paid_back.minor}};
    std::set<std::string> listed;
    for (const auto& row : facts_.payments) {
      listed.insert(row.order);
      const auto at = orders_.find(row.order);
      if (at == orders_.end() || !is_settled(at->second)) continue;
      const auto& o = at->second;
      const auto expected = o.was_refunded    ? "refunded"
                            : o.was_captured  ? "captured"
                            : o.was_requested ? "declined"
                                              : "voided";
      if (row.status != expected)
        law.violate(row.order, "its payment is " + std::string{expected} + ", /payments says " + row.status);
    }
    std::int64_t taken = 0, paid_back = 0;
    for (const auto& [id, o] : orders_) {
      taken += o.taken;
      paid_back += o.paid_back;
      if (o.was_requested && is_settled(o) && !listed.contains(id)) law.violate(id, "its payment is not in /payments");
    }
    // A mismatch counts in the journal's sums when it was paid back, and in the report's when it was taken.
    if (is_quiet() && facts_.journal.open_orders() == 0) {
      if (taken != facts_.payment_sums.taken.minor)
        law.violate({}, pence(taken) + " were taken, /reports/payments says " + pence(facts_.payment_sums.taken.minor));
      if (paid_back != facts_.payment_sums.paid_back.minor)
        law.violate({}, pence(paid_back) + " were paid back, /reports/payments says " +
                            pence(facts_.payment_sums.paid_back.minor));
    }
    return law;
  }

  audit_law reservations() const {
    audit_law law{.name = "reserved goods are confirmed, given back, or of an order that waits"};
    std::int64_t reserved = 0, sold = 0, back = 0, waiting = 0, waiting_orders = 0;
    for (const auto& [id, o] : orders_) {
      const auto held = o.reserved - o.given_back;
      reserved += o.reserved;
      back += o.given_back;
      if (held < 0) law.violate(id, with_thousands(-held) + " pieces too many were given back");
      if (o.stage == order_stage::confirmed) {
        sold += held;
        if (held != o.sold && !o.is_open)
          law.violate(id, "is confirmed with " + with_thousands(o.sold) + " pieces, and " + with_thousands(held) +
                              " left the stock");
      } else if (held != 0 && !stuck_.contains(id)) {
        waiting += held;
        ++waiting_orders;
      } else if (held != 0) {
        law.violate(id, with_thousands(held) + " pieces are reserved for it, it is " +
                            (o.stage == order_stage::cancelled ? "cancelled" : "not finished") +
                            ", and nothing of it is under way");
      }
    }
    law.counts = {{"pieces", reserved},
                  {"confirmed", sold},
                  {"given back", back},
                  {"waiting", waiting},
                  {"orders waiting", waiting_orders}};
    return law;
  }

  audit_law journal_adds_up() const {
    audit_law law{.name = "the journal adds up by itself, and no event was given up"};
    law.counts = {{"events", facts_.journal.events()},
                  {"orders", facts_.journal.sales().total.orders},
                  {"dead letters", facts_.work.dead_letters}};
    law.pence = {{"sold", facts_.journal.sales().total.accepted_minor}};
    for (auto& sentence : facts_.journal.faults()) law.violate({}, std::move(sentence));
    law.violations = std::max(law.violations, facts_.journal.fault_count());
    for (const auto& sentence : facts_.work.about_them) law.violate({}, sentence);
    const auto untold = facts_.work.dead_letters - static_cast<std::int64_t>(facts_.work.about_them.size());
    law.violations += std::max<std::int64_t>(untold, 0);
    return law;
  }

  audit_law shop_reports_agree() const {
    audit_law law{.name = "the reports of sales and stock say what the journal says", .may_settle = true};
    law.counts = {{"orders", facts_.sales.orders}, {"SKUs", static_cast<std::int64_t>(facts_.stock.skus.size())}};
    law.pence = {{"sold", facts_.sales.total.minor}};
    if (!is_quiet() && facts_.may_wait) {
      law.not_checked = "the shop is selling";
      return law;
    }
    for (auto& d : compare_sales(facts_.journal.sales(), facts_.sales, match::exact))
      law.violate({}, "/reports/sales: " + d);
    for (auto& d : compare_stock(facts_.journal.stock(), facts_.stock, true)) law.violate({}, "/reports/stock: " + d);
    return law;
  }

  audit_law nothing_waits() const {
    audit_law law{.name = facts_.may_wait ? "what waits is under way" : "nothing waits", .may_settle = true};
    std::int64_t open = 0, moving = 0;
    for (const auto& [id, o] : orders_) {
      if (!o.is_open) {
        moving += o.last_event > facts_.quiet_since ? 1 : 0;
        continue;
      }
      ++open;
      if (stuck_.contains(id))
        law.violate(id, "is not finished, and nothing of it is under way");
      else if (!facts_.may_wait)
        law.violate(id, o.stage == order_stage::placed ? "waits" : "waits for its goods or its money to come back");
    }
    law.counts = {{"orders", open},
                  {"payments", facts_.payment_sums.waiting},
                  {"callbacks", facts_.totals.callbacks_pending},
                  {"changed meanwhile", moving}};
    if (facts_.may_wait) return law;
    if (!is_quiet()) law.violate({}, "the journal grew while the books were read");
    if (facts_.payment_sums.waiting > 0)
      law.violate({}, with_thousands(facts_.payment_sums.waiting) + " payments wait");
    if (facts_.totals.callbacks_pending > 0)
      law.violate({},
                  with_thousands(facts_.totals.callbacks_pending) + " callbacks of the acquirer were not taken yet");
    return law;
  }

  const audit_facts& facts_;
  std::map<std::string, order_in_books> orders_;
  std::map<std::string, order_at_acquirer> at_acquirer_;
  std::set<std::string> stuck_;
};

}  // namespace

audit_findings judge(const audit_facts& facts) { return judgement{facts}.all(); }

}  // namespace shop
