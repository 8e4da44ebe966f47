#include <shop/audit_laws.hpp>

#include <shop/audit.hpp>

#include <banyan/core/json.hpp>

#include <services/inventory/events.hpp>
#include <services/orders/events.hpp>
#include <services/payments/events.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace shop;

namespace {

const auto at_that_time = banyan::parse_rfc3339("2010-12-01T08:26:00Z").value();
banyan::money gbp(std::int64_t minor) { return {minor, "GBP"}; }

// A shop with its acquirer, in which what is told here has happened; then every book is right, until a test spoils one.
class honest_world {
 public:
  honest_world() { tell(inventory::stock_received{"A", "opening", inventory::movement_kind::opening, 100'000}); }

  void place(const std::string& id, std::int64_t pieces) {
    tell(orders::order_placed{id, std::nullopt, at_that_time, "sale", lines(pieces), {}, gbp(100 * pieces)});
  }
  void reserve(const std::string& id, std::int64_t pieces) { tell(inventory::stock_moved{"A", id, 1, pieces}); }
  void ask_for_money(const std::string& id, std::int64_t pieces) {
    tell(orders::payment_awaited{id});
    tell(payments::payment_requested{id, "key-" + id, gbp(100 * pieces), "tok_ok", at_that_time});
  }
  void charge(const std::string& id, std::int64_t pieces, const char* status = "captured") {
    charges.push_back({"key-" + id, id, status, gbp(100 * pieces), gbp(0)});
  }
  void conclude(const std::string& id, std::int64_t pieces, payments::conclusion how = payments::conclusion::captured) {
    tell(payments::payment_concluded{
        id, "key-" + id, how, "ch", gbp(how == payments::conclusion::captured ? 100 * pieces : 0), {}});
    payments.push_back({id, how == payments::conclusion::captured ? "captured" : "declined"});
  }
  void confirm(const std::string& id) { tell(orders::order_confirmed{id}); }
  void cancel(const std::string& id, std::int64_t pieces, bool was_confirmed) {
    tell(orders::order_cancelled{id, "customer", at_that_time, was_confirmed, lines(pieces), gbp(100 * pieces), true});
  }
  void pay_back(const std::string& id, std::int64_t pieces) {
    tell(payments::refund_requested{id, "key-" + id, "customer"});
    for (auto& c : charges)
      if (c.order == id) c.refunded = gbp(100 * pieces);
    refunds["key-" + id].push_back({"back-" + id, "key-" + id, id, gbp(100 * pieces)});
    tell(payments::payment_refunded{id, "re", gbp(100 * pieces)});
    for (auto& p : payments)
      if (p.order == id) p.status = "refunded";
  }

  void sell(const std::string& id, std::int64_t pieces) {
    place(id, pieces);
    reserve(id, pieces);
    ask_for_money(id, pieces);
    charge(id, pieces);
    conclude(id, pieces);
    confirm(id);
  }
  void decline(const std::string& id, std::int64_t pieces) {
    place(id, pieces);
    reserve(id, pieces);
    ask_for_money(id, pieces);
    charge(id, pieces, "declined");
    conclude(id, pieces, payments::conclusion::declined);
    cancel(id, pieces, false);
    reserve(id, -pieces);
  }
  void take_back(const std::string& id, std::int64_t pieces) {
    sell(id, pieces);
    cancel(id, pieces, true);
    reserve(id, -pieces);
    pay_back(id, pieces);
  }
  void leave_waiting(const std::string& id, std::int64_t pieces) {
    place(id, pieces);
    reserve(id, pieces);
    ask_for_money(id, pieces);
    ++payment_sums.waiting;
  }

  template <class Event>
  void tell(const Event& e) {
    banyan::recorded_event event;
    event.type = std::string{Event::stored.type};
    event.payload = banyan::to_json(e);
    event.position = ++position_;
    journal.apply(event);
  }

  audit_findings judged(bool may_wait = false) const { return judge(facts(may_wait)); }
  audit_facts facts(bool may_wait = false) const {
    audit_facts f{.journal = journal,
                  .quiet_since = journal.head(),
                  .work = {.handled_to = handled_to},
                  .charges = charges,
                  .refunds = refunds,
                  .payments = payments,
                  .payment_sums = payment_sums};
    f.may_wait = may_wait;
    for (const auto& c : charges) {
      auto& sums = f.totals.by_currency[c.amount.currency];
      ++f.totals.charges;
      ++sums.charges;
      ++(c.status == "captured" ? f.totals.captured : f.totals.declined);
      if (c.status == "captured")
        sums.captured_minor += c.amount.minor;
      else
        ++sums.declined;
      sums.refunded_minor += c.refunded.minor;
      if (auto at = refunds.find(c.key); at != refunds.end()) {
        sums.refunds += static_cast<std::int64_t>(at->second.size());
        f.totals.refunds += static_cast<std::int64_t>(at->second.size());
      }
    }
    f.totals_before = f.totals;
    f.payment_sums.taken = gbp(0);
    f.payment_sums.paid_back = gbp(0);
    journal.for_each_order([&](const order_in_books& o) {
      f.payment_sums.taken.minor += o.taken;
      f.payment_sums.paid_back.minor += o.paid_back;
    });
    const auto& total = journal.sales().total;
    f.sales = {gbp(total.accepted_minor), total.orders, total.accepted_lines, {}};
    for (const auto& [month, sum] : journal.sales().months)
      f.sales.months.push_back({month, gbp(sum.accepted_minor), sum.orders, sum.accepted_lines});
    for (const auto& [sku, s] : journal.stock())
      f.stock.skus.push_back({sku, s.quantity, s.moved, s.on_hand, s.stocked});
    return f;
  }

  books journal;
  std::vector<acquirer_charge> charges;
  std::map<std::string, std::vector<acquirer_refund>> refunds;
  std::vector<payment_row> payments;
  payments_report payment_sums;
  banyan::position handled_to = 0;
  banyan::position head() const { return position_; }

 private:
  static std::vector<orders::placed_line> lines(std::int64_t pieces) {
    return {{1, "A", pieces, 100, 100 * pieces, true}};
  }
  banyan::position position_ = 0;
};

// The names of the violated laws, with what is said of this order.
std::string told_of(const audit_findings& found, const std::string& order) {
  std::string all;
  for (const auto& law : found.laws)
    for (const auto& v : law.first_violations)
      if (v.order == order) all += law.name + ": " + v.text + "\n";
  return all;
}

}  // namespace

TEST_CASE("honest books hold: sold, declined, taken back") {
  honest_world w;
  w.sell("1", 3);
  w.decline("2", 5);
  w.take_back("3", 7);
  const auto found = w.judged();
  INFO(as_table(found));
  CHECK(found.hold());
  CHECK(found.laws.size() == 10);
  CHECK(found.laws[0].counts.at("charges") == 3);
  CHECK(found.laws[0].pence == std::map<std::string, std::int64_t>{{"captured", 1000}, {"refunded", 700}});
  CHECK(found.laws[3].pence == std::map<std::string, std::int64_t>{{"acquirer", 300}, {"journal", 300}});
  CHECK_THAT(as_table(found), Catch::Contains("All laws hold."));
}

TEST_CASE("each planted violation is found, with its order") {
  honest_world w;
  w.sell("sold", 3);
  w.take_back("back", 7);
  REQUIRE(w.judged().hold());
  SECTION("a double charge") {
    w.charges.push_back({"another-key", "sold", "captured", gbp(300), gbp(0)});
    CHECK_THAT(told_of(w.judged(), "sold"),
               Catch::Contains("every order has at most one charge: 2 charges, 600 pence in all"));
    CHECK_FALSE(w.judged().hold());
  }
  SECTION("a refund that the acquirer does not know") {
    w.charges[1].refunded = gbp(0);
    w.refunds.clear();
    CHECK_THAT(told_of(w.judged(), "back"),
               Catch::Contains("the acquirer paid 0 pence back, the payments' journal says 700 pence"));
  }
  SECTION("a refund that the charge tells, but no refund") {
    w.refunds.clear();
    CHECK_THAT(told_of(w.judged(), "back"),
               Catch::Contains("the charge says that 700 were paid back, its refunds add up to 0"));
  }
  SECTION("a confirmed order that was never charged") {
    w.place("free", 2);
    w.reserve("free", 2);
    w.confirm("free");
    CHECK_THAT(told_of(w.judged(), "free"), Catch::Contains("is confirmed, costs 200 pence, and was never charged"));
  }
  SECTION("a charge that the acquirer does not have") {
    w.charges.erase(w.charges.begin());
    CHECK_THAT(told_of(w.judged(), "sold"),
               Catch::Contains("the acquirer took 0 pence, the payments' journal says 300 pence"));
  }
  SECTION("a charge without an order") {
    w.charge("nobody", 4);
    CHECK_THAT(told_of(w.judged(), "nobody"), Catch::Contains("was charged 400 pence, but there is no such order"));
  }
  SECTION("a charge that no payment asked for") {
    w.place("unasked", 4);
    w.charge("unasked", 4);
    CHECK_THAT(told_of(w.judged(true), "unasked"), Catch::Contains("but no payment of it was requested"));
  }
  SECTION("another currency") {
    w.charges[0].amount.currency = w.charges[0].refunded.currency = "EUR";
    CHECK_THAT(told_of(w.judged(), "sold"), Catch::Contains("EUR, the shop asks for pounds only"));
  }
  SECTION("another amount") {
    w.charges[0].amount.minor = 299;
    CHECK_THAT(told_of(w.judged(), "sold"),
               Catch::Contains("the acquirer took 299 pence, the payments' journal says 300 pence"));
  }
  SECTION("a reservation that leaked: the order is declined, its goods are not back, and nothing is under way") {
    w.place("leak", 6);
    w.reserve("leak", 6);
    w.ask_for_money("leak", 6);
    w.charge("leak", 6, "declined");
    w.conclude("leak", 6, payments::conclusion::declined);
    w.cancel("leak", 6, false);
    w.handled_to = w.head();
    for (const bool may_wait : {false, true})
      CHECK_THAT(told_of(w.judged(may_wait), "leak"),
                 Catch::Contains("6 pieces are reserved for it, it is cancelled, and nothing of it is under way"));
  }
  SECTION("goods that were given back twice") {
    w.reserve("back", -7);
    CHECK_THAT(told_of(w.judged(), "back"), Catch::Contains("7 pieces too many were given back"));
  }
  SECTION("totals that are not the sums of the pages") {
    auto facts = w.facts();
    facts.totals.by_currency["GBP"].captured_minor += 1;
    facts.totals_before = facts.totals;
    CHECK(judge(facts).laws[0].violations == 1);
  }
  SECTION("a view that says otherwise") {
    w.payments[0].status = "declined";
    const auto found = w.judged();
    CHECK_THAT(told_of(found, "sold"), Catch::Contains("its payment is captured, /payments says declined"));
    CHECK(found.may_settle());
    w.charge("nobody", 1);  // no waiting heals this
    CHECK_FALSE(w.judged().may_settle());
  }
  SECTION("an event that was given up") {
    auto facts = w.facts();
    facts.work.dead_letters = 3;
    facts.work.about_them = {"dead letter: x"};
    CHECK(judge(facts).laws[7].violations == 3);
  }
}

TEST_CASE(
    "an order that waits is a violation of rest, unless it is allowed; one of which nothing is under way always is") {
  honest_world w;
  w.sell("1", 3);
  w.leave_waiting("2", 5);
  CHECK_THAT(told_of(w.judged(), "2"), Catch::Contains("nothing waits: waits"));
  CHECK(w.judged().may_settle());
  const auto allowed = w.judged(true);
  INFO(as_table(allowed));
  CHECK(allowed.hold());
  CHECK(allowed.laws[6].counts.at("waiting") == 5);
  CHECK(allowed.laws[9].counts.at("orders") == 1);
  w.handled_to = w.head();
  CHECK_THAT(told_of(w.judged(true), "2"), Catch::Contains("is not finished, and nothing of it is under way"));
}

TEST_CASE("what happened while the books were read is not judged yet") {
  honest_world w;
  w.sell("1", 3);
  w.take_back("2", 7);
  auto facts = w.facts(true);
  facts.quiet_since = 1;
  facts.charges.clear();
  facts.refunds.clear();
  facts.totals = facts.totals_before = {};
  CHECK(judge(facts).hold());
  facts.may_wait = false;
  CHECK_FALSE(judge(facts).hold());
  CHECK(judge(facts).may_settle());
}

TEST_CASE("violations are counted, the first ones told; both forms say so") {
  honest_world w;
  for (int i = 0; i < 50; ++i) w.charge("nobody-" + std::to_string(i), 1);
  const auto found = w.judged();
  CHECK(found.laws[2].violations == 50);
  CHECK(found.laws[2].first_violations.size() == audit_law::violations_told);
  CHECK_THAT(as_table(found), Catch::Contains("! and 30 more") && Catch::Contains("law is violated") &&
                                  !Catch::Contains("All laws hold"));
  const auto json = banyan::parse_json(as_json(found)).value();
  CHECK(json.at("ok") == false);
  CHECK(json.at("laws").as_array().size() == 10);
  CHECK(json.at("laws").at(2).at("violations") == 50);
}

// Whatever happens honestly holds; one planted fault is found wherever it is.
TEST_CASE("of many random histories the honest ones hold, and a planted fault is found in every other one") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    honest_world w;
    std::vector<std::string> sold;
    const auto orders = 1 + random() % 20;
    for (unsigned i = 0; i < orders; ++i) {
      const auto id = std::to_string(i);
      const auto pieces = static_cast<std::int64_t>(1 + random() % 9);
      switch (random() % 3) {
        case 0:
          w.decline(id, pieces);
          break;
        case 1:
          w.take_back(id, pieces);
          break;
        default:
          w.sell(id, pieces), sold.push_back(id);
      }
    }
    INFO("seed " << seed);
    REQUIRE(w.judged().hold());
    auto& spoilt = w.charges[random() % w.charges.size()];
    const auto order = spoilt.order;
    const bool is_captured = spoilt.status == "captured";
    switch (random() % 5) {
      case 0:
        w.charges.push_back({"again", order, spoilt.status, spoilt.amount, gbp(0)});
        break;
      case 1:
        spoilt.order = "somebody-else";
        break;
      case 2:
        is_captured ? spoilt.status = "declined" : spoilt.status = "captured";
        break;
      case 3:
        spoilt.refunded.minor += 1;
        break;
      default:
        w.reserve(order, 1);
    }
    const auto found = w.judged();
    INFO(as_table(found));
    REQUIRE_FALSE(found.hold());
    const auto said = told_of(found, order) + told_of(found, "somebody-else");
    const bool is_named = !said.empty() || as_table(found).find("order " + order) != std::string::npos;
    REQUIRE(is_named);
  }
}
