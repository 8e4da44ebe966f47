#include <banyan/core/money.hpp>

#include <catch2/catch.hpp>

#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <sstream>

using namespace banyan;

namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

std::int64_t pence(std::string_view text) { return to_minor(parse_decimal(text).value()); }

}  // namespace

TEST_CASE("money adds within a currency only") {
  CHECK(add({150, "GBP"}, {-25, "GBP"}).value() == money{125, "GBP"});
  CHECK(add({1, "GBP"}, {1, "EUR"}).error().code == code::invalid_argument);
}

TEST_CASE("money that leaves 64 bits is an error, not a wrong amount") {
  CHECK(add({most, "GBP"}, {0, "GBP"}).value().minor == most);
  CHECK_FALSE(add({most, "GBP"}, {1, "GBP"}));
  CHECK_FALSE(add({least, "GBP"}, {-1, "GBP"}));
  CHECK(multiply({most / 2, "GBP"}, 2).value().minor == most - 1);
  CHECK_FALSE(multiply({most / 2 + 1, "GBP"}, 2));
  CHECK_FALSE(multiply({least, "GBP"}, -1));
}

TEST_CASE("money prints with the digits of its currency") {
  CHECK(to_string(money{1999, "GBP"}) == "19.99 GBP");
  CHECK(to_string(money{5, "GBP"}) == "0.05 GBP");
  CHECK(to_string(money{0, "GBP"}) == "0.00 GBP");
  CHECK(to_string(money{-1106206, "GBP"}) == "-11062.06 GBP");
  CHECK(to_string(money{-5, "GBP"}) == "-0.05 GBP");
  CHECK(to_string(money{1999, "JPY"}) == "1999 JPY");
  CHECK(to_string(money{1999, "KWD"}) == "1.999 KWD");
  CHECK(to_string(money{least, "GBP"}) == "-92233720368547758.08 GBP");
}

TEST_CASE("the minor unit of every currency of ISO 4217 that has not two digits") {
  const std::map<int, std::string> table{
      {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"}, {3, "BHD IQD JOD KWD LYD OMR TND"}, {4, "CLF UYW"}};
  for (const auto& [digits, codes] : table) {
    std::istringstream all{codes};
    for (std::string code; all >> code;) {
      INFO(code);
      CHECK(minor_digits(code) == digits);
      std::string lower;
      for (char c : code) lower += static_cast<char>(c - 'A' + 'a');
      CHECK(minor_digits(lower) == digits);
    }
  }
  for (const auto* code : {"GBP", "USD", "EUR", "AFN", "ALL", "CLE", "COU", "HUF", "IDR", "IRR", "LAK", "LBP", "MGA", "MMK", "MRU", "UYU", "TWD"})
    CHECK(minor_digits(code) == 2);
}

TEST_CASE("the page counts the minor units as the server does") {
  std::ifstream page{MONEY_JS};
  std::map<std::string, int> told;
  for (std::string line; std::getline(page, line);) {
    int digits = 0;
    char codes[200];
    if (std::sscanf(line.c_str(), " [%d, '%199[A-Z ]'", &digits, codes) != 2) continue;
    std::istringstream all{codes};
    for (std::string code; all >> code;) told[code] = digits;
  }
  std::size_t not_two = 0;
  for (char a = 'A'; a <= 'Z'; ++a)
    for (char b = 'A'; b <= 'Z'; ++b)
      for (char c = 'A'; c <= 'Z'; ++c) {
        const std::string code{a, b, c};
        const auto on_page = told.find(code);
        not_two += minor_digits(code) != 2;
        if ((on_page == told.end() ? 2 : on_page->second) != minor_digits(code)) FAIL_CHECK(code << " differs");
      }
  CHECK(not_two == 26);
  CHECK(told.size() == 26);
}

TEST_CASE("a currency nobody knows has two digits") {
  CHECK(minor_digits("XXX") == 2);
  CHECK(minor_digits("") == 2);
  CHECK(minor_digits("PY ") == 2);
  CHECK(minor_digits("PY") == 2);
  CHECK(minor_digits("F C") == 2);
  CHECK(minor_digits("BIF CLP") == 2);
}

TEST_CASE("decimals are read exactly") {
  const auto d = parse_decimal("-11062.06").value();
  CHECK(d.digits == -1106206);
  CHECK(d.scale == 2);
  CHECK_FALSE(d.is_positive());
  CHECK(parse_decimal("0.001").value().is_positive());
  CHECK(parse_decimal("007").value().digits == 7);
  CHECK(parse_decimal("99999999999999.9999").value().digits == 999999999999999999);
}

TEST_CASE("what is not a decimal is refused") {
  for (const auto bad : {"", "-", ".", "1.", ".5", "-.5", "+1", "1e3", "1,5", "1.2.3", "--1", " 1", "1 ", "0x10", "NaN", "100000000000000",
                         "1.000000000000000000", "99999999999999.99999", "\xd9\xa1"}) {
    INFO(bad);
    CHECK_FALSE(parse_decimal(bad));
  }
}

TEST_CASE("prices round half away from zero") {
  CHECK(pence("2.55") == 255);
  CHECK(pence("0.001") == 0);
  CHECK(pence("0.004") == 0);
  CHECK(pence("0.005") == 1);
  CHECK(pence("0.0049999") == 0);
  CHECK(pence("-0.004") == 0);
  CHECK(pence("-0.005") == -1);
  CHECK(pence("-11062.06") == -1106206);
  CHECK(pence("7") == 700);
  CHECK(pence("99999999999999.9999") == 10'000'000'000'000'000);
  CHECK(to_minor(parse_decimal("1.5").value(), 0) == 2);
  CHECK(to_minor(parse_decimal("1.2345").value(), 3) == 1235);
}

TEST_CASE("a decimal made by hand never wraps around") {
  CHECK(to_minor({most, 0}) == most);
  CHECK(to_minor({least, 0}) == least);
  CHECK(to_minor({most, 0}, 40) == most);
  CHECK(to_minor({0, 0}, 40) == 0);
  CHECK(to_minor({most, 40}) == 0);
  CHECK(to_minor({most, 20}) == 9);
}

TEST_CASE("amounts of every currency survive their decimal form") {
  std::mt19937_64 random{39};
  for (const auto* currency : {"JPY", "GBP", "KWD", "CLF", "UYW", "jpy", "XXX"}) {
    const auto digits = minor_digits(currency);
    for (int i = 0; i < 5'000; ++i) {
      const money m{static_cast<std::int64_t>(random()) >> (17 + i % 46), currency};
      const auto text = to_string(m);
      const auto point = text.find('.');
      REQUIRE((point == text.npos ? 0 : static_cast<int>(text.size() - point) - 5) == digits);
      REQUIRE(to_minor(parse_decimal(text.substr(0, text.size() - 4)).value(), digits) == m.minor);
    }
  }
  CHECK(to_string(money{12345, "CLF"}) == "1.2345 CLF");
  CHECK(to_string(money{-1, "UYW"}) == "-0.0001 UYW");
}

TEST_CASE("amounts in pence survive their decimal form") {
  std::mt19937_64 random{5};
  for (int i = 0; i < 10'000; ++i) {
    const money m{static_cast<std::int64_t>(random()) >> (17 + i % 40), "GBP"};
    const auto text = to_string(m);
    CHECK(pence(text.substr(0, text.size() - 4)) == m.minor);
  }
}
