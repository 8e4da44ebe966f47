// The quick reader of stored turns gives what from_json gives, for every text.
#include <banyan/saga/own_json.hpp>
#include <banyan/saga/record.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace banyan;

namespace {

// Every member of every part of the record.
saga_turned a_full_turn() {
  saga_turned t;
  t.turn = 1;
  t.now = instant{std::chrono::milliseconds{4219}};
  t.because.kind = saga_notice::started;
  t.because.payload = {R"({"id":"o17","lines":[{"sku":"A1","n":-3},{"sku":"","n":0}],"note":"a \"b\"\n","ok":true})"};
  t.because.by = "M\xc3\xbcller";
  t.head = saga_head{"orders.checkout", "o17", 3, 2, "order_placed", "build 7", instant{std::chrono::hours{1}},
                     {{"approval", {R"({"approved":true})"}}},
                     {{"inventory.release_stock", 2, {R"({"n":[1,2.5],"deep":[[[]]]})"}, uuid_from_name("u", "v")}},
                     saga_parent{"orders.shipping", "s1", 1, 4, uuid_from_name("p", "q"), 1}};
  for (const auto kind : {saga_wish::step, saga_wish::timer, saga_wish::status}) {
    saga_request r;
    r.kind = kind;
    r.number = 7;
    r.name = "inventory.reserve_stock";
    r.version = 2;
    r.arguments = {R"([1,"x"])"};
    r.command = uuid_from_name("a", "b");
    r.of = 3;
    r.undo = saga_undo{"inventory.release_stock", 1, {R"({"sku":"A1"})"}};
    r.due = instant{std::chrono::nanoseconds{1}};
    r.refused = error{code::exhausted, "too many"}.because("too_many_requests");
    t.then.push_back(r);
  }
  t.returned = saga_ok(1);
  t.end = saga_ending{saga_outcome::undone, saga_error(error{code::refused, "no"})};
  return t;
}

void check_same(const std::string& text) {
  INFO(text);
  const auto quick = read_turn(text), slow = from_json<saga_turned>(text);
  REQUIRE(quick.has_value() == slow.has_value());
  if (slow) {
    CHECK(*quick == *slow);
    CHECK(notice_of_turn(text) == slow->because.kind);
  } else {
    CHECK(quick.error() == slow.error());
  }
}

}  // namespace

TEST_CASE("a turn is read from its own JSON") {
  const auto t = a_full_turn();
  const auto read = read_turn(to_json(t));
  REQUIRE(read);
  CHECK(*read == t);
  CHECK(notice_of_turn(to_json(t)) == saga_notice::started);
  auto next = t;
  next.head.reset();
  for (const auto kind : {saga_notice::answered, saga_notice::fired, saga_notice::aborted, saga_notice::undone}) {
    next.because.kind = kind;
    CHECK(notice_of_turn(to_json(next)) == kind);
  }
}

TEST_CASE("a turn that is written in another way is read as from_json reads it") {
  check_same(R"( {"turn":2, "now":"1970-01-01T00:00:04.219Z","because":{"kind":"fired","number":3}} )");
  check_same(R"({"now":"1970-01-01T00:00:04.219Z","turn":2,"because":{"number":3,"kind":"fired"}})");
  check_same(R"({"turn":2,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"fired","newer":[1]},"more":{}})");
  check_same(R"({"turn":2,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"received","payload":[1.50,1e2]}})");
  check_same(R"({"turn":2,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"received","payload":{"a":1,"a":2}}})");
  check_same(R"({"turn":2,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"received","payload":"\u00fc\/"}})");
  check_same(R"({"turn":2,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"fired"},"end":null,"returned":null})");
  check_same(R"({"turn":2.0,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"fired"}})");
  check_same(R"({"turn":2,"now":"1970-01-01T00:00:04.219Z"})");
  check_same(R"({"turn":2,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"a newer one"}})");
  check_same(R"({"turn":3000000000,"now":"1970-01-01T00:00:04.219Z","because":{"kind":"fired"}})");
  check_same("");
  check_same(std::string(100, '['));
}

TEST_CASE("a turn that was damaged is read, or refused, as from_json does it") {
  const auto whole = to_json(a_full_turn());
  std::mt19937 random{17};
  const std::string bytes = "\"\\{}[],:.-0129eEntf \n/u\x01\x7f\x80\xc3\xff";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto shorter = whole, other = whole, longer = whole;
    shorter.erase(at, 1 + random() % 4);
    other[at] = bytes[random() % bytes.size()];
    longer.insert(at, 1, bytes[random() % bytes.size()]);
    check_same(shorter);
    check_same(other);
    check_same(longer);
    check_same(whole.substr(0, at));
    // One part stands in the place of another.
    auto mixed = whole;
    mixed.replace(at, random() % 12, whole.substr(random() % whole.size(), random() % 12));
    check_same(mixed);
  }
}

TEST_CASE("JSON is known as our own by its form") {
  const auto is_own = [](std::string_view text) {
    own_json look{text};
    return look.value().has_value() && look.is_at_end();
  };
  for (const auto* text : {"{}", "[]", R"("")", "0", "-1", "999999999999999999", "true", "false", "null",
                           R"({"a":[1,{"b":"\"\\\b\f\n\r\t"}],"c":"Müller"})"}) {
    INFO(text);
    CHECK(is_own(text));
    CHECK(from_json<nested_json>(text)->text == text);
  }
  for (const auto* text : {"", " 1", "1 ", "-0", "01", "-", "1.0", "1e3", "1E3", "1000000000000000000000", R"("\/")",
                           R"("\u0041")", R"({"a":1,"a":1})", R"({"a" :1})", "[1,]", "[1", "{\"a\"}", "\"\x01\"",
                           "\"\xff\"", "tru", "[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]"}) {
    INFO(text);
    CHECK_FALSE(is_own(text));
  }
}

TEST_CASE("JSON from outside is kept as our own writer writes it") {
  CHECK(read_nested(R"({"a":1})")->text == R"({"a":1})");
  CHECK(read_nested(R"( { "a" : 1.50 } )")->text == R"({"a":1.5})");
  CHECK(read_nested("{").error().code == code::invalid_argument);
}
