// `shop audit` over a shop, an acquirer and a journal that tests play.
#include <shop/audit.hpp>

#include <banyan/core/json.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <services/inventory/events.hpp>
#include <services/orders/events.hpp>
#include <services/payments/events.hpp>

#include "fake_shop.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace std::chrono_literals;
using namespace shop;

namespace {

banyan::money pence_of(std::int64_t minor) { return {minor, "GBP"}; }

// Orders of one piece, sold for a pound each; pages of three charges and of two payments.
class played {
 public:
  explicit played(int orders) : orders_{orders} {
    write("stock-A", inventory::stock_received{"A", "opening", inventory::movement_kind::opening, 1000});
    for (int i = 0; i < orders; ++i) {
      const auto id = std::to_string(100 + i);
      write("order-" + id, orders::order_placed{id,
                                                std::nullopt,
                                                banyan::parse_rfc3339("2011-01-01T00:00:00Z").value(),
                                                "sale",
                                                {{1, "A", 1, 100, 100, true}},
                                                {},
                                                pence_of(100)});
      write("stock-A", inventory::stock_moved{"A", id, 1, 1});
      write("order-" + id, orders::payment_awaited{id});
      write("payment-" + id, payments::payment_requested{id, "k" + id, pence_of(100), "tok_ok", {}});
      write("payment-" + id,
            payments::payment_concluded{id, "k" + id, payments::conclusion::captured, "ch", pence_of(100), {}});
      write("order-" + id, orders::order_confirmed{id});
      charges.push_back({"k" + id, id, "captured", pence_of(100), pence_of(0)});
    }
  }

  transport send() {
    return [this](banyan::http_request r, banyan::completion<banyan::http_response> done) {
      asked.push_back(r.target);
      if (r.target.starts_with("/charges") && r.target.find("/refunds") == std::string::npos)
        return done(ok(charge_page(r)));
      if (r.target == "/book") return acquirer_is_down ? done(down()) : done(ok(totals()));
      if (r.target.starts_with("/payments")) return done(ok(payments_of(r)));
      if (r.target == "/reports/payments") return done(ok(payments_report{0, 0, pence_of(100 * orders_), pence_of(0)}));
      if (r.target == "/reports/sales") {
        const auto shown = lag-- > 0 ? 0 : orders_;
        return shop_is_down
                   ? done(down())
                   : done(ok(sales_report{
                         pence_of(100 * shown), shown, shown, {{"2011-01", pence_of(100 * shown), shown, shown}}}));
      }
      if (r.target == "/reports/stock")
        return done(ok(stock_report{{{"A", orders_, orders_, 1000 - orders_, true}}, {}}));
      done(banyan::error{banyan::code::not_found, "no such page: " + r.target});
    };
  }

  struct outcome {
    int code;
    std::string out, err;
  };
  outcome audited(audit_options options = {}) {
    options.url = options.url.empty() ? "http://127.0.0.1:8080" : options.url;
    options.acquirer = options.acquirer.empty() ? "http://127.0.0.1:8090" : options.acquirer;
    options.reach_within = 0s;
    std::ostringstream out, err;
    const stop_flag stop{stopped};
    const int code = audit(options, journal, send(), out, err, stop);
    return {code, out.str(), err.str()};
  }

  std::function<void()> at_the_journal = [] {};  // before each of its steps
  banyan::memory_journal journal{{.executor = [this](auto step) {
    at_the_journal();
    step();
  }}};
  std::vector<acquirer_charge> charges;
  std::vector<std::string> asked;
  int lag = 0;  // looks at the sales report that show nothing yet
  bool acquirer_is_down = false, shop_is_down = false, stopped = false;

 private:
  template <class Event>
  void write(const std::string& stream, const Event& e) {
    banyan::new_event event;
    event.id = banyan::uuid_from_name(Event::stored.type, std::to_string(++serial_));
    event.type = std::string{Event::stored.type};
    event.payload = banyan::to_json(e);
    std::string failure = "no answer";
    journal.append({{{stream, {}, {event}}}, {}},
                   [&](auto answer) { failure = answer ? "" : to_string(answer.error()); });
    REQUIRE(failure.empty());
  }
  template <class T>
  static banyan::http_response ok(const T& body) {
    return banyan::http_response::json_text(banyan::to_json(body));
  }
  static banyan::error down() { return {banyan::code::unavailable, "nobody listens"}; }

  acquirer_charge_page charge_page(const banyan::http_request& r) const {
    acquirer_charge_page page;
    const auto after = r.target.find("after=");
    bool is_behind = after == std::string::npos;
    for (const auto& c : charges) {
      if (is_behind && page.charges.size() == 3) {
        page.next = page.charges.back().key;
        break;
      }
      if (is_behind) page.charges.push_back(c);
      if (!is_behind) is_behind = r.target.substr(after + 6) == c.key;
    }
    return page;
  }
  acquirer_totals totals() const {
    acquirer_totals t;
    for (const auto& c : charges) {
      ++t.charges;
      ++t.captured;
      ++t.by_currency[c.amount.currency].charges;
      t.by_currency[c.amount.currency].captured_minor += c.amount.minor;
    }
    return t;
  }
  payment_page payments_of(const banyan::http_request& r) const {
    payment_page page;
    const auto after = r.target.find("after=");
    for (int i = 0; i < orders_; ++i) {
      const auto id = std::to_string(100 + i);
      if (after != std::string::npos && id <= r.target.substr(after + 6)) continue;
      if (page.payments.size() == 2) {
        page.next = page.payments.back().order;
        break;
      }
      page.payments.push_back({id, "captured"});
    }
    return page;
  }

  int orders_;
  std::uint64_t serial_ = 0;
};

}  // namespace

TEST_CASE("books that agree over many pages hold; the table and the line say so") {
  played w{11};
  const auto table = w.audited();
  INFO(table.out << table.err);
  CHECK(table.code == 0);
  CHECK_THAT(table.out, Catch::Contains("All laws hold.") && Catch::Contains("charges 11"));
  const auto line = w.audited({.json = true});
  CHECK(line.code == 0);
  CHECK(banyan::parse_json(line.out).value().at("ok") == true);
  CHECK(std::ranges::count(line.out, '\n') == 1);
}

TEST_CASE("a double charge on the last page is found, and nothing is waited for") {
  played w{11};
  w.charges.push_back({"another", "105", "captured", pence_of(100), pence_of(0)});
  const auto got = w.audited({.settle_for = 1h});
  CHECK(got.code == 1);
  CHECK_THAT(got.out, Catch::Contains("order 105: 2 charges, 200 pence in all"));
}

TEST_CASE("beside a violation that no waiting heals, none that might is waited for") {
  played w{11};
  w.charges.push_back({"another", "105", "captured", pence_of(100), pence_of(0)});
  w.lag = 2;  // the report lags in the first judgement alone
  const auto got = w.audited({.settle_for = 1h});
  CHECK(got.code == 1);
  CHECK_THAT(got.out, Catch::Contains("order 105: 2 charges, 200 pence in all") && Catch::Contains("/reports/sales: "));
}

TEST_CASE("an audit that is stopped while it reads the journal for the last time has no findings") {
  played w{4};
  stop_flag stop{false};
  w.at_the_journal = [&] {
    if (!w.asked.empty() && w.asked.back() == "/reports/stock") stop = true;
  };
  std::ostringstream progress;
  const audit_options options{
      .url = "http://127.0.0.1:8080", .acquirer = "http://127.0.0.1:8090", .settle_for = 0s, .reach_within = 0s};
  const auto found = find_violations(options, w.journal, w.send(), progress, stop);
  CHECK(stop);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == banyan::code::unavailable);
  CHECK(found.error().message == "interrupted");
}

TEST_CASE("views that follow get their time, and no more") {
  played w{4};
  w.lag = 3;  // the first look finds out whether anybody answers
  CHECK(w.audited({.settle_for = 1h}).code == 0);
  w.lag = 1000;
  const auto late = w.audited({.settle_for = 0s});
  CHECK(late.code == 1);
  CHECK_THAT(late.out, Catch::Contains("/reports/sales: "));
}

TEST_CASE("who can not be reached is told, with another exit code than a violation") {
  played w{2};
  w.acquirer_is_down = true;
  const auto acquirer = w.audited();
  CHECK(acquirer.code == 3);
  CHECK_THAT(acquirer.err, Catch::Contains("the acquirer at http://127.0.0.1:8090 can not be read"));
  w.acquirer_is_down = false;
  w.shop_is_down = true;
  const auto shop = w.audited();
  CHECK(shop.code == 3);
  CHECK_THAT(shop.err, Catch::Contains("the shop at http://127.0.0.1:8080 can not be read"));
  CHECK(w.audited({.url = "nowhere"}).code == 2);
  CHECK_THAT(w.audited({.url = "nowhere"}).err, Catch::StartsWith("nowhere: "));
  CHECK(w.audited({.acquirer = "http://127.0.0.1:8090/path"}).code == 2);
  audit_options broken{.work = [] {
    return banyan::result<work_done>{banyan::error{banyan::code::corrupt, "damaged"}};
  }};
  w.shop_is_down = false;
  CHECK(w.audited(broken).code == 3);
  w.stopped = true;
  CHECK(w.audited().code == 130);
}

TEST_CASE("the summary tells the sums in one line, or the first violation of each violated law") {
  played w{11};
  const auto found = [&w] {
    std::ostringstream progress;
    const stop_flag stop{false};
    const audit_options options{
        .url = "http://127.0.0.1:8080", .acquirer = "http://127.0.0.1:8090", .settle_for = 0s, .reach_within = 0s};
    return find_violations(options, w.journal, w.send(), progress, stop).value();
  };
  const auto good = found();
  CHECK(good.hold());
  CHECK(as_summary(good) ==
        "acquirer £11.00 = payments £11.00 = orders £11.00; "
        "11 pieces reserved = 11 confirmed + 0 given back + 0 waiting");
  w.charges.push_back({"planted", "105", "captured", pence_of(250), pence_of(0)});
  const auto bad = found();
  CHECK_FALSE(bad.hold());
  CHECK(as_summary(bad) ==
        "every order has at most one charge: order 105: 2 charges, 350 pence in all; "
        "captured minus refunded, order by order: acquirer = payments' journal: "
        "order 105: the acquirer took 350 pence, the payments' journal says 100 pence");
}
