#include <banyan/plan/option.hpp>

#include <catch2/catch.hpp>

using banyan::option;
using banyan::timespan;
using namespace std::chrono_literals;

namespace {
std::string why(const banyan::result<bool>& r) { return r ? "no error" : r.error().message; }
}  // namespace

TEST_CASE("an option sets the variable behind it and remembers who did") {
  int workers = 2;
  option o{"workers", workers, {.min = 1, .max = 1024}};
  CHECK(o.value() == "2");
  CHECK(o.origin() == "code");
  REQUIRE(o.set("8", "shop.toml:12"));
  CHECK(workers == 8);
  CHECK(o.value() == "8");
  CHECK(o.origin() == "shop.toml:12");
}

TEST_CASE("setting tells whether the value is another one than before") {
  int workers = 2;
  option o{"workers", workers};
  CHECK(o.set("2", "command line").value() == false);
  CHECK(o.set("3", "command line").value() == true);
}

TEST_CASE("a refused value changes nothing, neither the variable nor the origin") {
  int workers = 2;
  option o{"workers", workers, {.min = 1, .max = 1024}};
  CHECK(why(o.set("0", "command line")) == "expected a whole number from 1 to 1024, found \"0\"");
  CHECK(workers == 2);
  CHECK(o.origin() == "code");
}

TEST_CASE("trying a value changes nothing even when it is good") {
  int workers = 2;
  option o{"workers", workers};
  CHECK(o.try_set("5").value() == true);
  CHECK(workers == 2);
}

TEST_CASE("a whole number has digits only and fits the variable") {
  int small = 0;
  std::int64_t large = 0;
  option o{"small", small}, l{"large", large};
  for (auto text : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "ten", "2147483648", "99999999999999999999", "-1", "800ms"}) {
    INFO(text);
    CHECK_FALSE(o.set(text, "test"));
  }
  CHECK(o.set("2147483647", "test"));
  CHECK(l.set("9223372036854775807", "test"));
  CHECK(large == INT64_MAX);
  CHECK_FALSE(l.set("9223372036854775808", "test"));
}

TEST_CASE("negative numbers are taken where the limits allow them") {
  int n = 0;
  option o{"n", n, {.min = -5, .max = 5}};
  CHECK(o.set("-5", "test"));
  CHECK_FALSE(o.set("-6", "test"));
}

TEST_CASE("a number may have a fraction but must be finite") {
  double rate = 0.5;
  option o{"rate", rate, {.min = 0, .max = 1}};
  CHECK(o.set("0.25", "test"));
  CHECK(rate == 0.25);
  for (auto text : {"nan", "inf", "-inf", "1.0001", "-0.1", "half", "0,5", "1e400"}) {
    INFO(text);
    CHECK_FALSE(o.set(text, "test"));
  }
  CHECK(why(o.set("2", "test")) == "expected a number from 0 to 1, found \"2\"");
}

TEST_CASE("a number's text is read back as the same number") {
  double x = 0.1, y = 0;
  option from{"x", x}, to{"y", y};
  REQUIRE(to.set(from.value(), "test"));
  CHECK(x == y);
}

TEST_CASE("a duration needs a unit and keeps its limits") {
  timespan deadline = 1s;
  option o{"deadline", deadline, {.min = 0.001, .max = 86'400}};
  CHECK(o.set("800ms", "test"));
  CHECK(deadline == timespan{800ms});
  CHECK(o.value() == "800ms");
  CHECK(why(o.set("800", "test")) == "expected a time span such as 800ms, 1.5s or 10min from 1ms to 1d, found \"800\"");
  CHECK_FALSE(o.set("0s", "test"));
  CHECK_FALSE(o.set("2d", "test"));
  CHECK_FALSE(o.set("-1s", "test"));
  CHECK(deadline == timespan{800ms});
}

TEST_CASE("a boolean is true or false and nothing else") {
  bool on = false;
  option o{"on", on};
  CHECK(o.set("true", "test"));
  CHECK(on);
  CHECK(why(o.set("yes", "test")) == "expected true or false, found \"yes\"");
  CHECK(on);
}

TEST_CASE("a text may be limited to a choice") {
  std::string level = "info";
  option o{"level", level, {.one_of = {"debug", "info"}}};
  CHECK(o.set("debug", "test"));
  CHECK(why(o.set("loud", "test")) == "expected one of debug, info, found \"loud\"");
  CHECK(why(o.set("inof", "test")) == "expected one of debug, info, found \"inof\"; did you mean info?");
}

TEST_CASE("a whole number may say of what it is one") {
  int size = 1;
  option o{"size", size, {.min = 1, .max = 8, .unit = "bytes"}};
  CHECK(why(o.set("8 kB", "test")) == "expected a whole number of bytes from 1 to 8, found \"8 kB\"");
}

TEST_CASE("a text may have a form of its own") {
  std::string even = "ab";
  option o{"even", even, {.fits = [](std::string_view t) { return t.size() % 2 == 0; }, .form = "an even number of letters"}};
  CHECK(o.set("", "test"));
  CHECK(why(o.set("abc", "test")) == "expected an even number of letters, found \"abc\"");
}

TEST_CASE("a hostile text is refused and shown harmlessly") {
  std::string name;
  option o{"name", name};
  CHECK_FALSE(o.set(std::string(5000, 'x'), "test"));
  auto message = why(o.set("a\x1b[2Jb\nc", "test"));
  CHECK(message.find('\x1b') == std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
  CHECK(why(o.set(std::string(5000, 'x'), "test")).size() < 200);
}

TEST_CASE("a secret is neither quoted nor shown, and does not change while the node runs") {
  std::string token;
  option o{"token", token, {.one_of = {"", "open sesame"}}};
  o.make_secret();
  o.make_dynamic();
  CHECK(o.is_secret());
  CHECK_FALSE(o.is_dynamic());
  CHECK(o.shown_value() == "(not set)");
  CHECK(why(o.set("open sesam", "test")) == "expected one of , open sesame");
  CHECK(o.set("open sesame", "test"));
  CHECK(o.value() == "open sesame");
  CHECK(o.shown_value() == "(set)");
}

TEST_CASE("the error names the option as its field") {
  int workers = 2;
  auto refused = option{"workers", workers}.set("many", "test");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == banyan::code::invalid_argument);
  CHECK(refused.error().field == "workers");
}
