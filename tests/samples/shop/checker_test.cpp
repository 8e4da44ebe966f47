#include <shop/checker.hpp>

#include <banyan/core/json.hpp>
#include <banyan/engines/memory/memory_journal.hpp>

#include <services/inventory/events.hpp>
#include <services/orders/events.hpp>

#include "fake_shop.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace std::chrono_literals;

namespace {

template <class Event>
void write(banyan::journal& journal, const std::string& stream, const Event& e) {
  static std::uint64_t serial = 0;
  banyan::new_event event;
  event.id = banyan::uuid_from_name(Event::stored.type, std::to_string(++serial));
  event.type = std::string{Event::stored.type};
  event.payload = banyan::to_json(e);
  std::string failure = "no answer";
  journal.append({{{stream, {}, {event}}}, {}}, [&](auto answer) { failure = answer ? "" : to_string(answer.error()); });
  REQUIRE(failure.empty());
}

void write_sales(banyan::journal& journal, int orders) {
  write(journal, "stock-A", shop::inventory::stock_received{"A", "opening", shop::inventory::movement_kind::opening, 100000});
  for (int i = 0; i < orders; ++i) {
    auto id = std::to_string(i);
    write(journal, "order-" + id,
          shop::orders::order_placed{
              id, std::nullopt, banyan::parse_rfc3339("2011-01-01T00:00:00Z").value(), "sale", {{1, "A", 2, 50, 100}}, {}, {100, "GBP"}});
    write(journal, "stock-A", shop::inventory::stock_moved{"A", id, 1, 2});
    write(journal, "order-" + id, shop::orders::order_confirmed{id});
  }
}

struct checked {
  int code;
  std::string out;
  std::string err;
};

checked run(banyan::journal& journal, const shop::check_books_options& options, const shop::transport& send = {}) {
  std::ostringstream out, err;
  shop::stop_flag stop{false};
  int code = shop::check_books(options, journal, send, out, err, stop);
  return {code, out.str(), err.str()};
}

shop::transport reports(std::string sales, std::string stock) {
  return [=](banyan::http_request r, banyan::completion<banyan::http_response> done) {
    done(banyan::http_response::json_text(r.target == "/reports/sales" ? sales : stock));
  };
}

const std::string right_stock = R"({"skus":[{"sku":"A","quantity":1000,"moved":1000,"on_hand":99000,"stocked":true}]})";

std::string sales_of(int pence) {
  auto total = R"({"minor":)" + std::to_string(pence) + R"(,"currency":"GBP"})";
  return R"({"total":)" + total + R"(,"orders":500,"lines":500,"months":[{"month":"2011-01","total":)" + total +
         R"(,"orders":500,"lines":500}]})";
}

}  // namespace

TEST_CASE("the journal alone shows that the books are right, over many pages of events") {
  banyan::memory_journal journal;
  write_sales(journal, 500);
  auto got = run(journal, {.json = true});
  CHECK(got.code == 0);
  CHECK(
      got.out ==
      R"({"events":1501,"head":1501,"orders":500,"lines":500,"pence":50000,"open_orders":0,)"
        R"("skus":1,"quantity":1000,"moved":1000,"on_hand":99000,)"
      R"("months":{"2011-01":{"orders":500,"lines":500,"pence":50000}},"reports_compared":false,"faults":0,"ok":true,"problems":[]})"
      "\n");
}

TEST_CASE("the reports are compared with the books") {
  banyan::memory_journal journal;
  write_sales(journal, 500);
  shop::check_books_options options{.url = "http://127.0.0.1:8080", .settle_for = 0s};
  auto agreed = run(journal, options, reports(sales_of(50000), right_stock));
  CHECK(agreed.code == 0);
  CHECK_THAT(agreed.out, Catch::Contains("The books are right, and the shop's reports agree."));
  auto sales_off = run(journal, options, reports(sales_of(50001), right_stock));
  CHECK(sales_off.code == 1);
  CHECK_THAT(sales_off.out, Catch::Contains("/reports/sales: 2011-01 pence: expected 50,000, found 50,001"));
  CHECK_THAT(sales_off.out, Catch::Contains("NOT right"));
  auto stock_off = run(journal, options, reports(sales_of(50000), R"({"skus":[]})"));
  CHECK(stock_off.code == 1);
  CHECK_THAT(stock_off.out, Catch::Contains("/reports/stock: A on hand: expected 99,000, found 0"));
}

TEST_CASE("an empty journal is right, a broken law is not") {
  banyan::memory_journal journal;
  CHECK(run(journal, {}).code == 0);
  write(journal, "order-1", shop::orders::order_confirmed{"1"});
  auto got = run(journal, {});
  CHECK(got.code == 1);
  CHECK_THAT(got.out, Catch::Contains("order 1 was confirmed, but never placed"));
}

TEST_CASE("work that can not finish is a fault: orders of which nothing is under way, and events that were given up") {
  banyan::memory_journal journal;
  write_sales(journal, 2);
  for (auto* id : {"x", "y"})
    write(journal, std::string{"order-"} + id,
          shop::orders::order_placed{
              id, std::nullopt, banyan::parse_rfc3339("2011-01-01T00:00:00Z").value(), "sale", {{1, "A", 2, 50, 100}}, {}, {100, "GBP"}});
  shop::work_done work{.handled_to = 7};
  shop::check_books_options options{.work = [&] { return banyan::result<shop::work_done>{work}; }};
  CHECK(run(journal, {}).code == 0);       // nobody knows
  CHECK(run(journal, options).code == 0);  // both are under way
  work.handled_to = 8;
  auto stuck = run(journal, options);
  CHECK(stuck.code == 1);
  CHECK_THAT(stuck.out, Catch::Contains("order x is not finished, and nothing of it is under way"));
  CHECK_THAT(stuck.out, !Catch::Contains("order y is"));
  CHECK_THAT(stuck.out, Catch::Contains("NOT right"));
  work = {.handled_to = 7, .dead_letters = 3, .about_them = {"dead letter: fulfilment gave up orders.placed"}};
  auto dead = run(journal, options);
  CHECK(dead.code == 1);
  CHECK_THAT(dead.out, Catch::Contains("! dead letter: fulfilment gave up orders.placed"));
  CHECK_THAT(dead.out, Catch::Contains("! and 2 more"));
  options.work = [] { return banyan::result<shop::work_done>{banyan::error{banyan::code::corrupt, "a file is damaged"}}; };
  auto unknown = run(journal, options);
  CHECK(unknown.code == 1);
  CHECK_THAT(unknown.err, Catch::Contains("What the services have done cannot be read: corrupt: a file is damaged"));
}

TEST_CASE("a shop or a URL that does not answer is said so") {
  banyan::memory_journal journal;
  CHECK(run(journal, {.url = "nowhere"}).code == 2);
  auto got = run(journal, {.url = "http://127.0.0.1:1"}, [](banyan::http_request, banyan::completion<banyan::http_response> done) {
    done(banyan::error{banyan::code::not_found, "no such page"});
  });
  CHECK(got.code == 1);
  CHECK_THAT(got.err, Catch::Contains("The shop's reports at http://127.0.0.1:1 cannot be read"));
  std::vector<banyan::completion<banyan::http_response>> held;
  auto silent = run(journal, {.url = "http://127.0.0.1:1", .reach_within = 0s},
                    [&](banyan::http_request, banyan::completion<banyan::http_response> done) { held.push_back(std::move(done)); });
  CHECK(silent.code == 1);
  CHECK_THAT(silent.err, Catch::Contains("The shop's reports at http://127.0.0.1:1 cannot be read: deadline_exceeded: no answer within 0s"));
  CHECK(held.size() == 1);
  auto other = run(journal, {.url = "http://127.0.0.1:1"}, [](banyan::http_request r, banyan::completion<banyan::http_response> done) {
    done(*shop_test::not_a_shop(r));
  });
  CHECK(other.code == 1);
  CHECK_THAT(other.err, Catch::Contains("what answers at http://127.0.0.1:1 is not a shop"));
}
