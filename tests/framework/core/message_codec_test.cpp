// Messages that are copied, written and read by their codec alone.
#include <banyan/core/message_codec_of.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <vector>

using namespace banyan;

namespace {

struct order_line {
  std::string sku;
  int quantity = 1;
};
BOOST_DESCRIBE_STRUCT(order_line, (), (sku, quantity))
struct order {
  std::string id;
  std::optional<std::string> note;
  std::vector<order_line> lines;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, note, lines))
struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())
struct not_described {
  int n = 0;
};

static_assert(can_travel<order> && can_travel<nothing> && can_travel<int> && can_travel<std::string> &&
              can_travel<std::vector<order_line>>);
static_assert(can_travel<std::map<std::string, order_line>> && can_travel<std::optional<int>>);
static_assert(!can_travel<not_described>);

// Storage for one value.
struct storage {
  explicit storage(const message_codec& c) : codec{c}, memory{::operator new(c.size)} {}
  ~storage() {
    if (full) codec.destroy(memory);
    ::operator delete(memory);
  }
  const message_codec& codec;
  void* memory;
  bool full = false;
};

}  // namespace

TEST_CASE("a codec writes a value as JSON and reads it back", "[message_codec]") {
  const auto& c = *codec_of<order>();
  CHECK(c.type == type_of<order>());
  const order o{"o1", "leave at the door", {{"A", 2}}};
  std::string text;
  c.encode(text, &o);
  CHECK(text == to_json(o));
  storage s{c};
  REQUIRE_FALSE(c.decode(s.memory, text));
  s.full = true;
  const auto& back = *static_cast<const order*>(s.memory);
  CHECK(back.id == "o1");
  CHECK(back.note == "leave at the door");
  CHECK(back.lines.at(0).quantity == 2);
}

TEST_CASE("a copy is a value of its own", "[message_codec]") {
  const auto& c = *codec_of<order>();
  order o{"o1", {}, {{"A", 2}}};
  storage s{c};
  c.copy(s.memory, &o);
  s.full = true;
  o.lines.clear();
  CHECK(static_cast<const order*>(s.memory)->lines.size() == 1);
}

TEST_CASE("what can not be read makes no value, and says where it is wrong", "[message_codec]") {
  const auto& c = *codec_of<order>();
  storage s{c};
  const auto wrong = c.decode(s.memory, R"({"id":"o1","lines":[{"sku":"A","quantity":"two"}]})");
  REQUIRE(wrong);
  CHECK(wrong->code == code::invalid_argument);
  CHECK(wrong->field == "lines[0].quantity");
  CHECK(c.read(s.memory, boost::json::value(5)));
  CHECK(c.decode(s.memory, "{"));
}

namespace {
enum class strict_colour { red, blue };
BOOST_DESCRIBE_ENUM(strict_colour, red, blue)
enum class tolerant_colour { red, unknown };
BOOST_DESCRIBE_ENUM(tolerant_colour, red, unknown)
struct circle {
  int r = 0;
};
BOOST_DESCRIBE_STRUCT(circle, (), (r))
struct unknown {};
BOOST_DESCRIBE_STRUCT(unknown, (), ())
}  // namespace

TEST_CASE("a name that is not known is an error of its own kind, unless the type has a place for it",
          "[message_codec]") {
  const auto e = from_json<std::vector<strict_colour>>(R"(["red","green"])").error();
  CHECK(e.reason == "unknown_enumerator");
  CHECK(e.field == "[1]");
  CHECK(from_json<tolerant_colour>(R"("green")").value() == tolerant_colour::unknown);
  const auto v = from_json<std::variant<circle>>(R"({"square":{"side":1}})").error();
  CHECK(v.reason == "unknown_alternative");
  CHECK(v.field == "square");
  CHECK(from_json<std::variant<circle, unknown>>(R"({"square":{"side":1}})").value().index() == 1);
  CHECK(from_json<std::vector<strict_colour>>(R"(["red",1])").error().reason.empty());
}

TEST_CASE("a type that is not described has no codec", "[message_codec]") {
  CHECK(codec_of<not_described>() == nullptr);
  CHECK(codec_of<nothing>()->size == sizeof(nothing));
}
