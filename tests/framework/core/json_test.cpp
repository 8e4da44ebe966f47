#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct basket_line {
  std::string sku;
  std::int64_t quantity = 1;
  std::optional<std::string> note;
  static constexpr auto optional_fields = fields("quantity");
};
BOOST_DESCRIBE_STRUCT(basket_line, (), (sku, quantity, note))

struct basket {
  std::vector<basket_line> lines;
};
BOOST_DESCRIBE_STRUCT(basket, (), (lines))

enum class light { red, green };
BOOST_DESCRIBE_ENUM(light, red, green)

struct stored_as {
  std::string_view type;
};
struct sku_tag;

struct placed {
  static constexpr stored_as stored{"orders.placed"};
  std::string by;
};
BOOST_DESCRIBE_STRUCT(placed, (), (by))

struct cancelled {};
BOOST_DESCRIBE_STRUCT(cancelled, (), ())

struct numbered_tree {
  int value = 0;
  std::vector<numbered_tree> children;
};
BOOST_DESCRIBE_STRUCT(numbered_tree, (), (value, children))

struct base {
  int inherited = 0;
};
BOOST_DESCRIBE_STRUCT(base, (), (inherited))
struct derived : base {
  int own = 0;
};
BOOST_DESCRIBE_STRUCT(derived, (base), (own))

using event = std::variant<placed, cancelled>;

template <class T>
std::string again(std::string_view text) {
  const auto r = from_json<T>(text);
  return r ? to_json(*r) : to_string(r.error());
}

template <class T>
std::string field_of(std::string_view text) {
  const auto r = from_json<T>(text);
  return r ? "accepted" : r.error().field;
}

template <class T>
T round_trip(const T& x) {
  return from_json<T>(to_json(x)).value();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("a described struct is written member by member, without absent optionals") {
  CHECK(to_json(basket_line{"A1", 2, {}}) == R"({"sku":"A1","quantity":2})");
  CHECK(to_json(basket_line{"A1", 2, "gift"}) == R"({"sku":"A1","quantity":2,"note":"gift"})");
  CHECK(to_json(cancelled{}) == "{}");
  CHECK(to_json(basket{}) == R"({"lines":[]})");
  std::string out = "data: ";
  append_json(out, basket_line{"A1", 2, {}});
  CHECK(out == R"(data: {"sku":"A1","quantity":2})");
}

TEST_CASE("inherited members come along") {
  derived d;
  d.inherited = 1;
  d.own = 2;
  CHECK(to_json(d) == R"({"inherited":1,"own":2})");
  CHECK(again<derived>(R"({"own":2,"inherited":1})") == R"({"inherited":1,"own":2})");
}

TEST_CASE("the reader ignores unknown members and fills in optional ones") {
  CHECK(again<basket_line>(R"({"sku":"A1"})") == R"({"sku":"A1","quantity":1})");
  CHECK(again<basket_line>(R"({"colour":{"deep":[1,2]},"sku":"A1","quantity":5})") == R"({"sku":"A1","quantity":5})");
  CHECK(again<basket_line>(R"({"sku":"A1","note":null})") == R"({"sku":"A1","quantity":1})");
  CHECK(again<basket_line>(" \n{ \"sku\" : \"A1\" }\t") == R"({"sku":"A1","quantity":1})");
}

TEST_CASE("a missing member is an error that names its path") {
  const auto e = from_json<basket>(R"({"lines":[{"sku":"a"},{"sku":"b"},{"quantity":1}]})").error();
  CHECK(e.code == code::invalid_argument);
  CHECK(e.message == "lines[2].sku is missing");
  CHECK(e.field == "lines[2].sku");
}

TEST_CASE("a wrong type at any member is an error that names it") {
  CHECK(field_of<basket>("[]") == "");
  CHECK(from_json<basket>("[]").error().message == "the document must be an object");
  CHECK(field_of<basket>(R"({"lines":{}})") == "lines");
  CHECK(field_of<basket>(R"({"lines":[[]]})") == "lines[0]");
  for (const auto wrong : {"null", "true", "{}", "[]", "\"1\"", "1.5", "1e300"}) {
    INFO(wrong);
    CHECK(field_of<basket>(R"({"lines":[{"sku":"a","quantity":)" + std::string{wrong} + "}]}") == "lines[0].quantity");
  }
  for (const auto wrong : {"null", "true", "{}", "[]", "1", "1.5"}) {
    CHECK(field_of<basket>(R"({"lines":[{"sku":)" + std::string{wrong} + "}]}") == "lines[0].sku");
  }
  CHECK(field_of<basket>(R"({"lines":[{"sku":"a","note":7}]})") == "lines[0].note");
}

TEST_CASE("whole numbers are read within the range of their type") {
  CHECK(from_json<std::int8_t>("-128").value() == -128);
  CHECK_FALSE(from_json<std::int8_t>("128"));
  CHECK_FALSE(from_json<std::uint8_t>("-1"));
  CHECK(from_json<std::uint8_t>("255").value() == 255);
  CHECK(from_json<std::int64_t>("-9223372036854775808").value() == std::numeric_limits<std::int64_t>::min());
  CHECK(from_json<std::int64_t>("9223372036854775807").value() == std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(from_json<std::int64_t>("9223372036854775808"));
  CHECK_FALSE(from_json<std::int64_t>("-9223372036854775809"));
  CHECK(from_json<std::uint64_t>("18446744073709551615").value() == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(from_json<std::uint64_t>("18446744073709551616"));
  CHECK_FALSE(from_json<int>(std::string(400, '9')));
  CHECK(from_json<int>("1e3").value() == 1000);
  CHECK(from_json<unsigned>("5.0").value() == 5);
  CHECK_FALSE(from_json<int>("5.5"));
  CHECK_FALSE(from_json<std::int64_t>("1e18"));
  CHECK(from_json<std::int8_t>("128").error().message == "the document must be a whole number between -128 and 127");
}

TEST_CASE("a whole number that is written with a point or an exponent is read exactly or refused") {
  CHECK(from_json<std::int64_t>("9007199254740992.0").value() == 9007199254740992);
  CHECK(from_json<std::int64_t>("-9007199254740992e0").value() == -9007199254740992);
  CHECK(from_json<std::int64_t>("0.0009007199254740991e19").value() == 9007199254740991);
  CHECK(from_json<std::uint64_t>("120000e-4").value() == 12);
  CHECK(from_json<int>("-0.0").value() == 0);
  CHECK(from_json<unsigned>("-0").value() == 0);
  CHECK(from_json<int>("0.000e-5").value() == 0);
  for (const auto wrong : {"9007199254740993.0", "9007199254740993e0", "-9007199254740993.0", "9223372036854775807.0", "9223372036854775808",
                           "18446744073709551616", "1e19", "0.99999999999999999999", "1.0000000000000000000001", "4503599627370496.25",
                           "-0.00000000000000000001", "1e-400", "-1e-400", "1e-99999999999999999999", "0.1e0", "15e-1"}) {
    INFO(wrong);
    CHECK_FALSE(from_json<std::int64_t>(wrong));
    CHECK_FALSE(from_json<std::uint16_t>(wrong));
  }
  CHECK(from_json<double>("9007199254740993.0").value() == 9007199254740992.0);
  CHECK(from_json<double>("1e3").value() == 1000);
  CHECK(to_json(parse_json("[5.0,1e3,2.5,1e300]").value()) == "[5,1000,2.5,1e+300]");
}

TEST_CASE("numbers that JSON does not know are refused") {
  for (const auto bad : {"NaN", "Infinity", "-", "01", "1.", ".5", "1e", "0x10", "+1", "1e400", "-1e400", "1e99999999999", "--1", "1 2"}) {
    INFO(bad);
    CHECK_FALSE(from_json<double>(bad));
    CHECK_FALSE(from_json<std::int64_t>(bad));
  }
  CHECK_FALSE(from_json<float>("1e39"));
}

TEST_CASE("fractions survive exactly, whatever their size") {
  for (const double d : {0.1, 1.0 / 3, 1e22, 1e23, 5e-324, 2.2250738585072011e-308, 1.7976931348623157e308, -123456789.123456789,
                         9007199254740993.0, 0.0}) {
    CHECK(round_trip(d) == d);
  }
  CHECK(from_json<double>("5").value() == 5.0);
  CHECK(from_json<double>("18446744073709551615").value() == 18446744073709551615.0);
  CHECK(from_json<double>("1e-400").value() == 0.0);
  CHECK(std::signbit(round_trip(-0.0)));
  CHECK(round_trip(0.1f) == 0.1f);
}

TEST_CASE("what is not a number is written as null and does not read back as one") {
  const auto text = to_json(std::vector<double>{std::nan(""), std::numeric_limits<double>::infinity(), 1});
  CHECK(text == "[null,null,1]");
  CHECK(field_of<std::vector<double>>(text) == "[0]");
}

TEST_CASE("texts are escaped, and any bytes give valid JSON") {
  CHECK(to_json(std::string{"a\"\\\b\f\n\r\t\x01\x1f/"}) == R"("a\"\\\b\f\n\r\t\u0001\u001f/")");
  CHECK(to_json(std::string{"\0", 1}) == R"("\u0000")");
  CHECK(to_json(std::string{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x8c\xb3"}) == "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x8c\xb3\"");
  const std::string replaced = "\"\xef\xbf\xbd\"";
  CHECK(to_json(std::string{"\xff"}) == replaced);
  CHECK(to_json(std::string{"\xc3"}) == replaced);
  CHECK(to_json(std::string{"\x80"}) == replaced);
  CHECK(to_json(std::string{"\xc0\x80"}).size() == 8);       // overlong
  CHECK(to_json(std::string{"\xed\xa0\x80"}).size() == 11);  // a surrogate
  CHECK(to_json(std::string{"\xf4\x90\x80\x80"}).size() == 14);
}

TEST_CASE("escapes are read, and what is not UTF-8 is refused") {
  CHECK(from_json<std::string>(R"("\u0041\n\/\ud83c\udf33\u0000")").value() == std::string{"A\n/\xf0\x9f\x8c\xb3\0", 8});
  for (const auto bad : {"\"\xff\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", R"("\ud800")", R"("\udc00")",
                         R"("\ud800\u0041")", R"("\x41")", R"("\u12")", "\"\n\"", "\"\x01\"", "'a'"}) {
    INFO(bad);
    CHECK_FALSE(from_json<std::string>(bad));
  }
}

TEST_CASE("a member that occurs twice is refused and named") {
  const auto e = from_json<basket_line>(R"({"sku":"a","sku":"b"})").error();
  CHECK(e.message == "sku occurs twice");
  CHECK(e.field == "sku");
  CHECK(field_of<basket_line>(R"({"sku":"a","other":{"x":1,"\u0078":2}})") == "x");
  CHECK(field_of<basket_line>(R"({"sku":"a","other":[{"x":1},{"x":2}]})") == "accepted");
}

TEST_CASE("nesting is limited, not the size of the stack") {
  CHECK(parse_json(nested(32)));
  CHECK_FALSE(parse_json(nested(33)));
  CHECK_FALSE(parse_json(nested(1'000'000)));
  CHECK_FALSE(from_json<basket_line>(R"({"sku":"a","ignored":)" + nested(32) + "}"));
  CHECK(from_json<basket_line>(R"({"sku":"a","ignored":)" + nested(31) + "}"));
}

TEST_CASE("values built elsewhere are no way around the limit of nesting") {
  boost::json::value v = boost::json::object{{"value", 0}, {"children", boost::json::array{}}};
  for (int i = 0; i < 100; ++i) v = boost::json::object{{"value", 0}, {"children", boost::json::array{v}}};
  CHECK_FALSE(from_value<numbered_tree>(v));
}

TEST_CASE("a document that is too long is refused before it is read") {
  const auto text = to_json(std::string(100, 'x'));
  CHECK(from_json<std::string>(text, 102));
  CHECK(from_json<std::string>(text, 101).error().message == "the document is longer than 101 bytes");
  CHECK(from_json<std::string>(to_json(std::string(1'000'000, 'x'))));
}

TEST_CASE("half a document and a document and a half are refused") {
  const auto text = to_json(basket{{{"A1", 2, "note \xc3\xbc \\"}, {"B", 3, {}}}});
  REQUIRE(from_json<basket>(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK_FALSE(from_json<basket>(text.substr(0, length)));
    CHECK_FALSE(from_json<basket>(text + text.substr(0, length + 1)));
  }
}

TEST_CASE("no single wrong byte breaks the reader") {
  const auto text = to_json(basket{{{"A1", 2, "n"}, {"B", 3, {}}}});
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      auto bad = text;
      bad[at] = static_cast<char>(byte);
      if (const auto r = from_json<basket>(bad)) CHECK(from_json<basket>(to_json(*r)));
      else CHECK(r.error().code == code::invalid_argument);
    }
  }
}

TEST_CASE("a long name from outside does not fill the error message") {
  using counts = std::map<std::string, int>;
  const auto e = from_json<counts>("{\"" + std::string(100'000, 'k') + "\":\"x\"}").error();
  CHECK(e.message.size() < 200);
  CHECK(field_of<counts>("{\"" + std::string(100'000, 'k') + "\":1,\"" + std::string(100'000, 'k') + "\":1}").size() == 64);
}

TEST_CASE("enums go by name") {
  CHECK(to_json(light::green) == "\"green\"");
  CHECK(from_json<light>("\"green\"").value() == light::green);
  CHECK(from_json<light>("\"blue\"").error().message == "the document must be one of red, green");
  CHECK_FALSE(from_json<light>("1"));
}

TEST_CASE("a variant names its alternative, by stored name when there is one") {
  CHECK(to_json(event{placed{"me"}}) == R"({"orders.placed":{"by":"me"}})");
  CHECK(to_json(event{cancelled{}}) == R"({"cancelled":{}})");
  CHECK(std::get<placed>(round_trip(event{placed{"me"}})).by == "me");
  CHECK(round_trip(event{cancelled{}}).index() == 1);
  CHECK(field_of<event>(R"({"orders.placed":{}})") == "orders.placed.by");
  CHECK(from_json<event>(R"({"shipped":{}})").error().message == "shipped is not a known alternative");
  CHECK_FALSE(from_json<event>("{}"));
  CHECK_FALSE(from_json<event>(R"({"cancelled":{},"orders.placed":{"by":"me"}})"));
  CHECK_FALSE(from_json<event>("\"cancelled\""));
  using simple = std::variant<std::monostate, int, std::string>;
  CHECK(to_json(simple{"x"}) == R"({"string":"x"})");
  CHECK(to_json(simple{7}) == R"({"int":7})");
  CHECK(round_trip(simple{}).index() == 0);
}

TEST_CASE("ids, times and money have their usual texts") {
  const auto id = parse_uuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f").value();
  CHECK(to_json(id) == "\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\"");
  CHECK(round_trip(id) == id);
  CHECK(to_json(instant{1645557742678ms}) == "\"2022-02-22T19:22:22.678Z\"");
  CHECK(from_json<instant>("\"2022-02-22T20:22:22.678+01:00\"").value() == instant{1645557742678ms});
  CHECK(to_json(timespan{800ms}) == "\"800ms\"");
  CHECK(round_trip(timespan{1500ms}) == timespan{1500ms});
  CHECK(to_json(std::chrono::milliseconds{250}) == "250");
  CHECK(round_trip(std::chrono::milliseconds{-250}) == std::chrono::milliseconds{-250});
  CHECK(to_json(money{1999, "GBP"}) == R"({"minor":1999,"currency":"GBP"})");
  CHECK(to_json(strong<sku_tag>{"A1"}) == "\"A1\"");
  CHECK(to_json(strong<struct row_tag, int>{7}) == "7");
  CHECK(round_trip(strong<sku_tag>{"A1"}).value == "A1");
  CHECK_FALSE(from_json<uuid>("\"017f22e2\""));
  CHECK_FALSE(from_json<instant>("\"yesterday\""));
  CHECK_FALSE(from_json<timespan>("5"));
  CHECK_FALSE(from_json<uuid>("7"));
}

TEST_CASE("an error travels as JSON") {
  const auto e = error{code::exhausted, "busy", outcome::unknown}.because("queue_full").at("x").after(5ms);
  CHECK(round_trip(e) == e);
}

TEST_CASE("containers keep their items") {
  CHECK(to_json(std::map<std::string, int>{{"a", 1}, {"b\"", 2}}) == R"({"a":1,"b\"":2})");
  CHECK(round_trip(std::map<strong<sku_tag>, double>{{{"A1"}, 0.1}}) == std::map<strong<sku_tag>, double>{{{"A1"}, 0.1}});
  CHECK(round_trip(std::unordered_map<std::string, bool>{{"a", true}}) == std::unordered_map<std::string, bool>{{"a", true}});
  CHECK(round_trip(std::set<int>{3, 1, 2}) == std::set<int>{1, 2, 3});
  CHECK(round_trip(std::vector<bool>{true, false}) == std::vector<bool>{true, false});
  CHECK(round_trip(std::vector<std::optional<int>>{1, {}}) == std::vector<std::optional<int>>{1, {}});
  CHECK(round_trip(std::array<int, 2>{1, 2}) == std::array<int, 2>{1, 2});
  CHECK_FALSE(from_json<std::array<int, 2>>("[1]"));
  CHECK(field_of<std::array<int, 2>>("[1,\"\"]") == "[1]");
  CHECK(field_of<std::map<std::string, std::vector<int>>>(R"({"a":[1],"b":[1,true]})") == "b[1]");
  CHECK(field_of<std::vector<std::vector<int>>>("[[],[1,true]]") == "[1][1]");
}

TEST_CASE("a type may contain itself") {
  const numbered_tree t{1, {{2, {{3, {}}}}, {4, {}}}};
  CHECK(to_json(t) == R"({"value":1,"children":[{"value":2,"children":[{"value":3,"children":[]}]},{"value":4,"children":[]}]})");
  CHECK(to_json(round_trip(t)) == to_json(t));
}

TEST_CASE("any JSON may be a member") {
  const auto v = parse_json(R"({"a":[1,2.5,null,"x"]})").value();
  CHECK(to_json(v) == R"({"a":[1,2.5,null,"x"]})");
  CHECK(round_trip(v) == v);
}

TEST_CASE("structs convert to values and back") {
  const auto v = to_value(basket_line{"A1", 2, {}});
  CHECK(v.as_object().size() == 2);
  CHECK(v.at("quantity").as_int64() == 2);
  CHECK(from_value<basket_line>(v).value().sku == "A1");
  CHECK(from_value<basket_line>(boost::json::object{}).error().message == "sku is missing");
}
