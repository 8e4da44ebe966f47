#include <shop/retail_book.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

namespace {

const std::string book_header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

shop::retail_book read(const std::string& lines) {
  auto source = shop::from_text(book_header + lines);
  auto book = shop::read_retail(*source);
  REQUIRE(book.has_value());
  return std::move(*book);
}

}  // namespace

TEST_CASE("an invoice is gathered from wherever its lines are, numbered in file order") {
  auto book = read(
      "1,A,a,1,2010-12-31 10:00:00,1.00,,\n"
      "2,B,b,2,2011-01-01 10:00:00,2.00,77.0,France\n"
      "1,B,b,bad,2010-12-31 10:00:00,1.00,,\n"
      "1,A,a,3,2010-12-31 10:01:00,1.00,78.0,Spain\n");
  CHECK(book.lines == 4);
  REQUIRE(book.invoices.size() == 2);
  const auto& first = book.invoices[0];
  CHECK(first.number == "1");
  CHECK(first.customer == "78");
  CHECK(banyan::to_rfc3339(first.placed_at) == "2010-12-31T10:00:00Z");
  CHECK(first.last_line == 3);
  REQUIRE(first.lines.size() == 2);
  CHECK(first.lines[0].number == 1);
  CHECK(first.lines[1].number == 3);
  CHECK(book.customers.size() == 2);
  CHECK(book.customers[0].country == "France");
  CHECK(book.expected.rejected_by_reason == std::map<std::string, std::int64_t>{{"malformed", 1}});
  CHECK(book.problems == std::vector<std::string>{"line 4: Quantity is not a whole number in range"});
}

TEST_CASE("totals follow the shop's rules, by month") {
  auto book = read(
      "1,A,a,1,2010-12-31 10:00:00,1.00,,\n"
      "C2,A,a,-1,2011-01-01 10:00:00,1.00,,\n"
      "3,A,a,5,2011-01-02 10:00:00,0.00,,\n"
      "4,A,a,5,2011-01-02 10:00:00,-2.00,,\n"
      "4,A,a,0,2011-01-02 10:00:00,2.00,,\n"
      "5,A,a,2,2011-01-03 10:00:00,2.005,,\n"
      "5,A,a,-2,2011-01-03 10:00:00,0,,\n");
  const auto& sums = book.expected;
  CHECK(book.invoices.size() == 5);
  CHECK(book.cancellations == 1);
  CHECK(sums.total == shop::sales_sum{3, 3, 100 - 100 + 402});
  CHECK(sums.months.at("2010-12") == shop::sales_sum{1, 1, 100});
  CHECK(sums.months.at("2011-01") == shop::sales_sum{2, 2, 302});
  CHECK(sums.rejected_lines == 4);
  CHECK(sums.rejected_by_reason.at("unit_price_not_positive") == 3);
  CHECK(sums.rejected_by_reason.at("quantity_zero") == 1);
  CHECK(sums.rejected_minor == -1000);
}

TEST_CASE("a product takes its first positive price and first description; stock opens with all that is ever sold") {
  auto book = read(
      "1,A,,5,2010-12-01,0,,\n"
      "1,A,first,5,2010-12-01,1.10,,\n"
      "C2,A,second,-3,2010-12-01,9.00,,\n"
      "3,A,third,4,2010-12-01,2.00,,\n"
      "3,POST,POSTAGE,1,2010-12-01,18.00,,\n"
      "4,GONE,,7,2010-12-01,0,,\n");
  REQUIRE(book.products.size() == 3);
  const auto& a = book.products[0];
  CHECK(a.name == "first");
  CHECK(a.price_minor == 110);
  CHECK(a.opening == 9);
  CHECK(a.sold == 6);
  const auto& post = book.products[1];
  CHECK_FALSE(post.stocked);
  CHECK(post.opening == 0);
  CHECK(post.sold == 1);
  const auto& gone = book.products[2];
  CHECK(gone.name == "GONE");
  CHECK(gone.price_minor == 0);
  CHECK(gone.opening == 0);
}

// What other months hold and the first ones do not.
TEST_CASE("adjustments, mass cancellations, odd codes and odd letters are read like everything else") {
  auto book = read(
      "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom\r\n"
      "A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom\r\n"
      "A563187,B,Adjust bad debt,1,2011-08-12 14:52:00,-11062.06,,United Kingdom\r\n"
      "581483,23843,\"PAPER CRAFT , LITTLE BIRDIE\",80995,12/9/2011 9:15,2.08,16446.0,United Kingdom\r\n"
      "C581484,23843,\"PAPER CRAFT , LITTLE BIRDIE\",-80995,12/9/2011 9:27,2.08,16446,United Kingdom\r\n"
      "571900,23407,CAF\xC9 \x93SET\x94 \xA3"
      "5,1,2011-10-19 14:26:00,0.001,,EIRE\r\n"
      "571900,gift_0001_20,,1,2011-10-19 14:26:00,17.355,,EIRE\r\n"
      "571900,BANK CHARGES,,1,2011-10-19 14:26:00,15,,EIRE\r\n"
      "571900,85123a,,2,2011-10-19 14:26:00,2.95,,EIRE\r\n"
      "571900,85123A,,3,2011-10-19 14:26:00,2.95,,EIRE\r\n"
      "571901,22/423,,3,2011-10-19 14:26:00,2.95,,EIRE\r\n"
      "581483,m,,1,12/9/2011 9:15,1.00,16446,United Kingdom");
  CHECK(book.lines == 12);
  CHECK(book.invoices.size() == 7);
  CHECK(book.cancellations == 1);
  CHECK(book.customers.size() == 1);
  CHECK_FALSE(book.invoices[0].is_return);
  CHECK(book.invoices[3].lines.size() == 2);
  CHECK(book.invoices[3].lines[1].number == 2);
  const auto& sums = book.expected;
  CHECK(sums.rejected_by_reason == std::map<std::string, std::int64_t>{{"malformed", 1}, {"unit_price_not_positive", 2}});
  CHECK(sums.rejected_minor == -2 * 1106206);
  CHECK(sums.months.at("2011-08") == shop::sales_sum{1, 1, 1106206});
  CHECK(sums.months.at("2011-10") == shop::sales_sum{1, 5, 0 + 1736 + 1500 + 590 + 885});
  CHECK(sums.months.at("2011-12") == shop::sales_sum{2, 3, 100});
  std::map<std::string, const shop::retail_product*> products;
  for (const auto& p : book.products) products[p.sku] = &p;
  CHECK(products.size() == 8);
  for (const char* service : {"B", "gift_0001_20", "BANK CHARGES", "m"}) CHECK_FALSE(products.at(service)->stocked);
  CHECK(products.at("23843")->opening == 80995);
  CHECK(products.at("23843")->sold == 0);
  CHECK(products.at("23407")->name ==
        "CAF\u00C9 \u201CSET\u201D \u00A3"
        "5");
  CHECK(products.at("23407")->price_minor == 0);
  CHECK(products.at("85123a")->sold == 2);
  CHECK(products.at("85123A")->sold == 3);
}

TEST_CASE("opening stock suffices in whatever order invoices are played") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::string text;
    for (int i = 0; i < 60; ++i) {
      auto quantity = static_cast<int>(random() % 21) - 10;
      text += (quantity < 0 ? "C" : "") + std::to_string(random() % 20) + ",S" + std::to_string(random() % 4) + ",x," +
              std::to_string(quantity) + ",2010-12-01," + std::to_string(random() % 3) + ".50,,\n";
    }
    auto book = read(text);
    std::shuffle(book.invoices.begin(), book.invoices.end(), random);
    std::vector<std::int64_t> on_hand;
    for (const auto& p : book.products) on_hand.push_back(p.opening);
    std::int64_t minor = 0;
    for (const auto& invoice : book.invoices)
      for (const auto& line : invoice.lines) {
        if (line.status != shop::line_status::accepted) continue;
        on_hand[line.product] -= line.quantity;
        minor += line.value_minor;
        REQUIRE(on_hand[line.product] >= 0);
      }
    for (std::size_t i = 0; i < on_hand.size(); ++i) CHECK(on_hand[i] == book.products[i].opening - book.products[i].sold);
    CHECK(minor == book.expected.total.accepted_minor);
  }
}

TEST_CASE("the fingerprint tells files of other transactions apart") {
  auto one = read("1,A,a,1,2010-12-01,1,,\n");
  auto same = read("1,A,other words,1,2010-12-05,1,,\n");
  auto more = read("1,A,a,2,2010-12-01,1,,\n");
  CHECK(one.fingerprint == same.fingerprint);
  CHECK(one.fingerprint != more.fingerprint);
}

TEST_CASE("a file with too many lines is refused, a stop is obeyed") {
  auto source = shop::from_text(book_header + "1,A,a,1,2010-12-01,1,,\n1,A,a,1,2010-12-01,1,,\n");
  CHECK(shop::read_retail(*source, {.lines = 1}).error().code == banyan::code::exhausted);
  auto again = shop::from_text(book_header + "1,A,a,1,2010-12-01,1,,\n");
  CHECK(shop::read_retail(*again, {}, [] { return true; }).error().code == banyan::code::unavailable);
}

TEST_CASE("a stop is obeyed in input that never becomes a line") {
  auto source = shop::from_text(book_header + std::string(8 * 1024 * 1024, '\n'));
  int asked = 0;
  CHECK(shop::read_retail(*source, {}, [&] { return ++asked == 3; }).error().code == banyan::code::unavailable);
  CHECK(asked == 3);
}

TEST_CASE("a file whose book needs too much memory is refused, with the line") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + ",S" + std::to_string(i) + ",x,1,2010-12-01,1,C" + std::to_string(i) + ",\n";
  auto source = shop::from_text(book_header + text);
  auto refused = shop::read_retail(*source, {.bytes = 256 * 1024});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == banyan::code::exhausted);
  CHECK(refused.error().message.find("0 MiB of memory from line") != std::string::npos);
  auto again = shop::from_text(book_header + text);
  CHECK(shop::read_retail(*again, {.bytes = 1024 * 1024}));
}
