#include <shop/reconcile.hpp>

#include <catch2/catch.hpp>

using shop::match;

namespace {

shop::sales_totals some_totals() {
  shop::sales_totals t;
  t.add("2010-12", {1, 3, 1000});
  t.add("2011-01", {1, 2, -200});
  t.count_rejected("quantity_zero", 0);
  return t;
}

shop::sales_report some_report() { return {{800, "GBP"}, 2, 5, {{"2010-12", {1000, "GBP"}, 1, 3}, {"2011-01", {-200, "GBP"}, 1, 2}}}; }

}  // namespace

TEST_CASE("equal totals have no differences, others are named") {
  auto ours = some_totals();
  CHECK(shop::compare_totals(ours, ours).empty());
  auto theirs = ours;
  theirs.months["2011-01"].accepted_minor = 300;
  theirs.count_rejected("unknown_sku", 5);
  CHECK(shop::compare_totals(ours, theirs) == std::vector<std::string>{"2011-01 pence: expected -200, found 300",
                                                                       "lines rejected as unknown_sku: expected 0, found 1",
                                                                       "rejected pence: expected 0, found 5"});
}

TEST_CASE("a report must match to the penny, month by month") {
  auto ours = some_totals();
  auto report = some_report();
  CHECK(shop::compare_sales(ours, report, match::exact).empty());
  SECTION("a penny off") {
    report.months[0].total.minor += 1;
    CHECK(shop::compare_sales(ours, report, match::exact) == std::vector<std::string>{"2010-12 pence: expected 1,000, found 1,001"});
  }
  SECTION("a month missing") {
    report.months.pop_back();
    CHECK(shop::compare_sales(ours, report, match::exact).size() == 3);
  }
  SECTION("a month too many") {
    report.months.push_back({"2011-02", {0, "GBP"}, 1, 1});
    CHECK(shop::compare_sales(ours, report, match::exact).size() == 2);
  }
  SECTION("a month twice") {
    report.months.push_back(report.months[0]);
    CHECK(shop::compare_sales(ours, report, match::exact) == std::vector<std::string>{"2010-12 is reported twice"});
  }
}

TEST_CASE("beside other orders a report must contain at least ours") {
  auto ours = some_totals();
  auto report = some_report();
  report.orders += 3;
  report.lines += 9;
  report.months[1].orders += 3;
  report.months[1].lines += 9;
  report.months.push_back({"2012-01", {77, "GBP"}, 1, 1});
  CHECK(shop::compare_sales(ours, report, match::at_least).empty());
  report.months[0].lines = 2;
  CHECK(shop::compare_sales(ours, report, match::at_least) ==
        std::vector<std::string>{"2010-12 accepted lines, at least: expected 3, found 2"});
}

TEST_CASE("stock is compared per SKU; what is absent counts as zero") {
  shop::stock_by_sku ours{{"A", {5, 5, 10, true}}, {"POST", {2, 0, 0, false}}, {"NEVER", {}}};
  shop::stock_report report{{{"A", 5, 5, 10, true}, {"POST", 2, 0, 0, false}, {"ZERO", 0, 0, 0, true}}, std::nullopt};
  CHECK(shop::compare_stock(ours, report, true).empty());
  report.skus[0].on_hand = 9;
  CHECK(shop::compare_stock(ours, report, false).empty());
  CHECK(shop::compare_stock(ours, report, true) == std::vector<std::string>{"A on hand: expected 10, found 9"});
  report.skus.push_back({"B", 1, 1, 0, true});
  report.skus[0].moved = 4;
  CHECK(shop::compare_stock(ours, report, false) == std::vector<std::string>{"A moved out of stock: expected 5, found 4",
                                                                             "B quantity sold: expected 0, found 1",
                                                                             "B moved out of stock: expected 0, found 1"});
}
