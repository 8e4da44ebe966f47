#include <banyan/core/json.hpp>

#include <catch2/catch.hpp>

#include <boost/json/serialize.hpp>

#include <map>

using namespace banyan;

namespace {

enum class colour { red, green };
BOOST_DESCRIBE_ENUM(colour, red, green)

struct line {
  std::string sku;
  std::int64_t quantity = 1;
  std::optional<std::string> note;
  static constexpr auto optional_fields = fields("quantity");
};
BOOST_DESCRIBE_STRUCT(line, (), (sku, quantity, note))

struct tree {
  std::vector<tree> children;
};
BOOST_DESCRIBE_STRUCT(tree, (), (children))

struct forest {
  tree oak;
  tree elm;
};
BOOST_DESCRIBE_STRUCT(forest, (), (oak, elm))

template <class T>
std::string schema_text() {
  return boost::json::serialize(schema_of<T>());
}

namespace v1 {
struct state {
  std::string name;
  int count = 0;
};
BOOST_DESCRIBE_STRUCT(state, (), (name, count))
}  // namespace v1
namespace v1_moved {
struct another_name {
  std::string name;
  int count = 7;
};
BOOST_DESCRIBE_STRUCT(another_name, (), (name, count))
}  // namespace v1_moved
namespace v2_renamed {
struct state {
  std::string title;
  int count = 0;
};
BOOST_DESCRIBE_STRUCT(state, (), (title, count))
}  // namespace v2_renamed
namespace v2_retyped {
struct state {
  std::string name;
  long count = 0;
};
BOOST_DESCRIBE_STRUCT(state, (), (name, count))
}  // namespace v2_retyped
namespace v2_added {
struct state {
  std::string name;
  int count = 0;
  bool open = false;
};
BOOST_DESCRIBE_STRUCT(state, (), (name, count, open))
}  // namespace v2_added

}  // namespace

TEST_CASE("a struct's schema lists members, and requires those that must be there") {
  CHECK(schema_text<line>() ==
        R"({"type":"object","title":"line","properties":{"sku":{"type":"string"},"quantity":{"type":"integer","format":"int64"},)"
        R"("note":{"type":"string"}},"required":["sku"]})");
}

TEST_CASE("simple types have the schema that a client needs") {
  CHECK(schema_text<bool>() == R"({"type":"boolean"})");
  CHECK(schema_text<double>() == R"({"type":"number","format":"double"})");
  CHECK(schema_text<std::uint8_t>() == R"({"type":"integer","format":"uint8","minimum":0,"maximum":255})");
  CHECK(schema_text<std::int32_t>() == R"({"type":"integer","format":"int32","minimum":-2147483648,"maximum":2147483647})");
  CHECK(schema_text<std::uint64_t>() == R"({"type":"integer","format":"uint64","minimum":0})");
  CHECK(schema_text<uuid>() == R"({"type":"string","format":"uuid"})");
  CHECK(schema_text<instant>() == R"({"type":"string","format":"date-time"})");
  CHECK(schema_text<std::chrono::milliseconds>() == R"({"type":"integer","format":"int64"})");
  CHECK(schema_text<strong<struct tag>>() == R"({"type":"string"})");
  CHECK(schema_text<colour>() == R"({"type":"string","title":"colour","enum":["red","green"]})");
  CHECK(schema_text<std::vector<bool>>() == R"({"type":"array","items":{"type":"boolean"}})");
  CHECK(schema_text<std::array<bool, 2>>() == R"({"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2})");
  CHECK(schema_text<std::map<std::string, bool>>() == R"({"type":"object","additionalProperties":{"type":"boolean"}})");
  CHECK(schema_text<std::optional<bool>>() == R"({"anyOf":[{"type":"boolean"},{"type":"null"}]})");
  CHECK(schema_text<boost::json::value>() == "{}");
}

TEST_CASE("a variant's schema offers one object per alternative") {
  using either = std::variant<std::string, bool>;
  CHECK(schema_text<either>() ==
        R"({"oneOf":[{"type":"object","properties":{"string":{"type":"string"}},"required":["string"],"maxProperties":1},)"
        R"({"type":"object","properties":{"bool":{"type":"boolean"}},"required":["bool"],"maxProperties":1}]})");
}

TEST_CASE("a type that contains itself is referred to by its id") {
  CHECK(schema_text<tree>() ==
        R"({"type":"object","title":"tree","properties":{"children":{"type":"array","items":{"$ref":"urn:banyan:tree"}}},)"
        R"("required":["children"],"$id":"urn:banyan:tree"})");
}

TEST_CASE("the schema of a time span accepts what the codec writes") {
  const auto schema = schema_of<timespan>();
  CHECK(schema.at("type").as_string() == "string");
  CHECK(schema.as_object().contains("pattern"));
}

TEST_CASE("the layout hash follows names and types of members and nothing else") {
  const auto now = layout_hash<v1::state>();
  CHECK(layout_hash<v1_moved::another_name>() == now);
  CHECK(layout_hash<v2_renamed::state>() != now);
  CHECK(layout_hash<v2_retyped::state>() != now);
  CHECK(layout_hash<v2_added::state>() != now);
  CHECK(layout_hash<std::vector<v1::state>>() != layout_hash<std::vector<v2_added::state>>());
  CHECK(layout_hash<std::optional<int>>() != layout_hash<int>());
  CHECK(layout_hash<tree>() != layout_hash<forest>());
}

// Snapshots are stored under these: a change makes every stored snapshot useless once.
TEST_CASE("the layout hash keeps its values for ever") {
  CHECK(layout_hash<v1::state>() == 0xa5452d8e7edd3e9eull);
  CHECK(layout_hash<tree>() == 0x8d80895771fc054cull);
  CHECK(layout_hash<colour>() == 0xf23bc08e7bf2dcabull);
}
