#include <shop/retail_csv.hpp>

#include <banyan/core/utf8.hpp>

#include <catch2/catch.hpp>

#include <random>

using shop::line_status;

namespace {

const std::string header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

shop::retail_line read_line(const std::string& text) {
  auto source = shop::from_text(header + text + "\n");
  shop::retail_reader reader{*source};
  shop::retail_line line;
  auto got = reader.next(line);
  REQUIRE(got.has_value());
  REQUIRE(*got);
  return line;
}

banyan::error header_error(const std::string& text) {
  auto source = shop::from_text(text);
  shop::retail_reader reader{*source};
  shop::retail_line line;
  auto got = reader.next(line);
  REQUIRE_FALSE(got.has_value());
  return got.error();
}

}  // namespace

TEST_CASE("a retail line is read and typed") {
  auto line = read_line("536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom");
  CHECK(line.status == line_status::accepted);
  CHECK(line.invoice == "536365");
  CHECK(line.sku == "85123A");
  CHECK(line.description == "WHITE HANGING HEART");
  CHECK(line.quantity == 6);
  CHECK(line.unit_price == "2.55");
  CHECK(line.unit_minor == 255);
  CHECK(line.value_minor == 1530);
  CHECK(banyan::to_rfc3339(line.placed_at) == "2010-12-01T08:26:00Z");
  CHECK(line.customer == "17850");
  CHECK(line.country == "United Kingdom");
  CHECK(line.file_line == 2);
}

TEST_CASE("a description or a country that the shop would refuse is left out, and the line is as good as before") {
  for (auto* unreadable : {"\u200B", "a\tb", "\u3164", "a\u202Eb"}) {
    CAPTURE(unreadable);
    const std::string text = unreadable;
    auto line = read_line("536365,85123A," + text + ",6,2010-12-01 08:26:00,2.55,17850," + text);
    CHECK(line.status == line_status::accepted);
    CHECK(line.description.empty());
    CHECK(line.country.empty());
  }
  CHECK(read_line("536365,85123A,?,6,2010-12-01 08:26:00,2.55,17850,France").description == "?");
}

TEST_CASE("columns are found by name, in any order and case, others ignored") {
  auto source = shop::from_text(
      "Country,extra, unitprice ,STOCKCODE,InvoiceNo,Description,Quantity,InvoiceDate,CustomerID\n"
      "France,zz,1.00,22423,536370,CAKE STAND,2,12/1/2010 8:45,\n");
  shop::retail_reader reader{*source};
  shop::retail_line line;
  REQUIRE(reader.next(line).value());
  CHECK(line.status == line_status::accepted);
  CHECK(line.country == "France");
  CHECK(line.sku == "22423");
  CHECK(line.customer.empty());
  CHECK_FALSE(reader.next(line).value());
}

TEST_CASE("missing columns are all named") {
  CHECK(header_error("InvoiceNo,StockCode,Description,InvoiceDate,CustomerID,Country\n1,2,3,4,5,6\n").message ==
        "the header line lacks these columns: Quantity, UnitPrice");
  CHECK(header_error("").message.find("empty") != std::string::npos);
}

TEST_CASE("each line has the status that the shop's rules give it") {
  struct example {
    const char* text;
    line_status status;
    const char* problem;
  };
  auto e = GENERATE(values<example>({
      {"C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom", line_status::accepted, ""},
      {"550193,PADS,PADS,1,2011-04-15 09:27:00,0.001,13952.0,United Kingdom", line_status::accepted, ""},
      {"A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom", line_status::accepted, ""},
      {"A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom", line_status::unit_price_not_positive, ""},
      {"536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom", line_status::unit_price_not_positive, ""},
      {"536414,22139,,0,2010-12-01 11:52:00,0,,United Kingdom", line_status::unit_price_not_positive, ""},
      {"536414,22139,,0,2010-12-01 11:52:00,1.00,,United Kingdom", line_status::quantity_zero, ""},
      {"536414,22139,,six,2010-12-01 11:52:00,1.00,,United Kingdom", line_status::malformed, "Quantity is not a whole number in range"},
      {"536414,22139,,,2010-12-01 11:52:00,1.00,,United Kingdom", line_status::malformed, "Quantity is not a whole number in range"},
      {"536414,22139,,1.5,2010-12-01 11:52:00,1.00,,United Kingdom", line_status::malformed, "Quantity is not a whole number in range"},
      {"536414,22139,,99999999999,2010-12-01 11:52:00,1.00,,UK", line_status::malformed, "Quantity is not a whole number in range"},
      {"536414,22139,,1,2010-12-01 11:52:00,1e2,,United Kingdom", line_status::malformed, "UnitPrice is not a decimal number"},
      {"536414,22139,,1,2010-12-01 11:52:00,,,United Kingdom", line_status::malformed, "UnitPrice is not a decimal number"},
      {"536414,22139,,1000000000,2010-12-01 11:52:00,99999999999999,,UK", line_status::malformed, "Quantity times UnitPrice is out of range"},
      {"536414,22139,,1,2010-13-01 11:52:00,1.00,,United Kingdom", line_status::malformed, "InvoiceDate is not a date"},
      {"536414,  ,,1,2010-12-01 11:52:00,1.00,,United Kingdom", line_status::malformed, "StockCode is empty, too long or no identity"},
      {" ,22139,,1,2010-12-01 11:52:00,1.00,,United Kingdom", line_status::malformed, "InvoiceNo is empty, too long or no identity"},
      {"536414,22139,,1,2010-12-01 11:52:00,1.00", line_status::malformed, "has 6 fields, needs 8"},
      {"536414,22/139,,1,2010-12-01 11:52:00,1.00,,UK", line_status::malformed, "StockCode is empty, too long or no identity"},
      {"..,22139,,1,2010-12-01 11:52:00,1.00,,UK", line_status::malformed, "InvoiceNo is empty, too long or no identity"},
      {"536414,22139,,1,2010-12-01 11:52:00,1.00,a\\b,UK", line_status::malformed, "CustomerID is too long or no identity"},
      {"536414,22139,\"SMALL\" PINK,1,2010-12-01 11:52:00,1.00,,UK", line_status::malformed, "text follows a closing quote"},
      {"536414,22139,\"SMALL,1,2010-12-01 11:52:00,1.00,,UK", line_status::malformed, "the file ends inside a quoted field"},
      {"581483,23843,\"PAPER CRAFT , LITTLE BIRDIE\",80995,2011-12-09 09:15:00,2.08,16446.0,United Kingdom", line_status::accepted, ""},
      {"C581484,23843,\"PAPER CRAFT , LITTLE BIRDIE\",-80995,2011-12-09 09:27:00,2.08,16446.0,United Kingdom", line_status::accepted, ""},
      {"556231,85123A,?,4000,6/9/2011 15:04,0,,United Kingdom", line_status::unit_price_not_positive, ""},
      {"573112,M,,1,10/27/2011 15:41,2.5499999999999998,,UK", line_status::accepted, ""},
      {"573112,M,,1,10/27/2011 15:41,\xA3"
       "2.55,,UK",
       line_status::malformed, "UnitPrice is not a decimal number"},
      {"573112,M,,1,10/27/2011 15:41,\"2,55\",,UK", line_status::malformed, "UnitPrice is not a decimal number"},
      {"573112,M,,1,10/27/2011 15:41,0.0000000000000000001,,UK", line_status::malformed, "UnitPrice is not a decimal number"},
  }));
  CAPTURE(e.text);
  auto line = read_line(e.text);
  CHECK(line.status == e.status);
  CHECK(line.problem == e.problem);
}

TEST_CASE("a line with broken quotes costs itself and no other") {
  auto source = shop::from_text(header +
                                "1,A,\"open,1,2010-12-01,2,,\n"
                                "2,B,b,1,2010-12-01,2,,\r\n"
                                "3,C,\"c\" d,1,2010-12-01,2,,\n"
                                "4,D,\"d, \"\"d\"\"\",1,2010-12-01,2,,");
  shop::retail_reader reader{*source};
  shop::retail_line line;
  std::string seen;
  while (reader.next(line).value())
    seen += std::to_string(line.file_line) + (line.status == line_status::accepted ? " " + line.description : ": " + line.problem) + "\n";
  CHECK(seen ==
        "2: text follows a closing quote\n"
        "3 b\n"
        "4: text follows a closing quote\n"
        "5 d, \"d\"\n");
}

TEST_CASE("prices are rounded to pence half up, per unit") {
  CHECK(read_line("1,x,,2,2010-12-01,0.005,,").value_minor == 2);
  CHECK(read_line("1,x,,2,2010-12-01,0.0049,,").value_minor == 0);
  CHECK(read_line("1,x,,3,2010-12-01,2.555,,").value_minor == 768);
  CHECK(read_line("C1,x,,-3,2010-12-01,2.555,,").value_minor == -768);
  CHECK(read_line("1,x,,12.0,2010-12-01,2,,").value_minor == 2400);
}

TEST_CASE("dates are understood as the exporters write them") {
  struct example {
    const char* text;
    const char* expected;
  };
  auto e = GENERATE(values<example>({
      {"2010-12-01 08:26:00", "2010-12-01T08:26:00Z"},
      {"2010-12-01T08:26:00Z", "2010-12-01T08:26:00Z"},
      {"2010-12-01 08:26", "2010-12-01T08:26:00Z"},
      {"2010-12-01", "2010-12-01T00:00:00Z"},
      {"12/1/2010 8:26", "2010-12-01T08:26:00Z"},
      {" 12/31/2010 18:06 ", "2010-12-31T18:06:00Z"},
      {"1/4/11 10:00", "2011-01-04T10:00:00Z"},
      {"02/29/2012 10:00:59", "2012-02-29T10:00:59Z"},
      {"2/29/2011 10:00", nullptr},
      {"13/1/2010 8:26", nullptr},
      {"2010-12-01 24:00:00", nullptr},
      {"2010-12-01 8:6:00", nullptr},
      {"2010-12-01T08:26:00.123Z", "2010-12-01T08:26:00Z"},
      {"2010-12-01 08:26:00.", nullptr},
      {"2010-12-01 08:26:00 soon", nullptr},
      {"99999-12-01", nullptr},
      {"1/1/0", nullptr},
      {"40513.35", nullptr},
      {"", nullptr},
  }));
  CAPTURE(e.text);
  auto got = shop::parse_retail_date(e.text);
  REQUIRE(got.has_value() == (e.expected != nullptr));
  if (got) CHECK(banyan::to_rfc3339(*got) == e.expected);
}

TEST_CASE("customers lose the decimals that a spreadsheet gave them") {
  CHECK(shop::retail_customer("17850.0") == "17850");
  CHECK(shop::retail_customer(" 17850 ") == "17850");
  CHECK(shop::retail_customer("").empty());
}

TEST_CASE("text that is not UTF-8 is read as Windows-1252") {
  CHECK(shop::to_utf8("CHILD\x92S \x93TOY\x94 \x80 5") == "CHILD\u2019S \u201CTOY\u201D \u20AC 5");
  CHECK(shop::to_utf8("\x81\x9F\xA0\xFF") == "\uFFFD\u0178\u00A0\u00FF");
  for (int byte = 0x80; byte <= 0xFF; ++byte) {
    CAPTURE(byte);
    const auto text = shop::to_utf8(std::string(1, static_cast<char>(byte)));
    CHECK(banyan::is_utf8(text));
    CHECK(banyan::utf8_length(text) == 1);
    const bool is_c1_control = text.size() == 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
    CHECK_FALSE(is_c1_control);
  }
  CHECK(shop::to_utf8("caf\xC3\xA9") == "caf\xC3\xA9");
  CHECK(shop::to_utf8("\xA3"
                      "10 voucher") ==
        "\xC2\xA3"
        "10 voucher");
  CHECK(read_line("1,x,\xA3"
                  "5 NOTE,1,2010-12-01,2,,")
            .description ==
        "\xC2\xA3"
        "5 NOTE");
}

TEST_CASE("a long description is cut between characters") {
  auto line = read_line("1,x," + std::string(199, 'a') + "\xC3\xA9" + "zzz,1,2010-12-01,2,,");
  CHECK(line.description == std::string(199, 'a'));
  CHECK(line.status == line_status::accepted);
}

TEST_CASE("codes that are not goods are not stocked") {
  for (const char* code : {"POST", "DOT", "M", "m", "D", "C2", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "gift_0001_20"}) {
    CAPTURE(code);
    CHECK_FALSE(shop::is_stocked(code));
  }
  for (const char* code : {"85123A", "85123a", "22423", "DCGS0003", "DCGSSGIRL", "15056BL", "47503J "}) {
    CAPTURE(code);
    CHECK(shop::is_stocked(code));
  }
}

TEST_CASE("a stock code is another product in another case and keeps its spaces") {
  CHECK(read_line("1,85123a,,1,2010-12-01,2,,").sku == "85123a");
  CHECK(read_line("1,BANK CHARGES,,1,2010-12-01,2,,").sku == "BANK CHARGES");
}

TEST_CASE("arbitrary lines never break the reader: each has a status, and only a fit one is accepted") {
  const std::string pieces[] = {"536365",   "C1",   "",         "x",  "2.55", "-1", "9999999999999999999", "2010-12-01 08:26:00",
                                "\xFF\xFE", "a\"b", "\"q\nq\"", "1e9"};
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::string text;
    for (std::size_t i = 0, n = random() % 11; i <= n; ++i) text += (i ? "," : "") + pieces[random() % std::size(pieces)];
    if (text.empty()) continue;
    auto line = read_line(text);
    CHECK((line.status == line_status::malformed) == !line.problem.empty());
    if (line.status != line_status::accepted) continue;
    CHECK(line.quantity != 0);
    CHECK_FALSE(line.invoice.empty());
    CHECK_FALSE(line.sku.empty());
    CHECK(banyan::is_utf8(line.sku + line.description + line.customer + line.country));
  }
}
