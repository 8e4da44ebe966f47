// What the compiler sees of members that a description leaves out, and what it must not take for one.
#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/core/undescribed_members.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <map>

using namespace banyan;

namespace {

enum class paint { red, green };
BOOST_DESCRIBE_ENUM(paint, red, green)

struct complete {
  static constexpr auto optional_fields = fields("text");
  std::string text;
  std::int64_t number = 5;
  std::optional<std::string> note;
  std::vector<money> prices;
  std::array<int, 3> three;
  std::map<std::string, std::variant<int, std::string>> some;
  boost::json::value any;
  paint shade = paint::red;
  money price;
  timespan within;
};
BOOST_DESCRIBE_STRUCT(complete, (), (text, number, note, prices, three, some, any, shade, price, within))

struct empty {};
BOOST_DESCRIBE_STRUCT(empty, (), ())
struct holds_one {
  std::string hidden;
};
BOOST_DESCRIBE_STRUCT(holds_one, (), ())
struct lacks_first {
  int hidden = 0;
  int a = 0;
  std::string b;
};
BOOST_DESCRIBE_STRUCT(lacks_first, (), (a, b))
struct lacks_middle {
  int a = 0;
  std::optional<int> hidden;
  std::string b;
};
BOOST_DESCRIBE_STRUCT(lacks_middle, (), (a, b))
struct lacks_last {
  int a = 0;
  std::string b;
  boost::json::value hidden;
};
BOOST_DESCRIBE_STRUCT(lacks_last, (), (a, b))
struct holds_one_that_lacks {
  lacks_last inner;
};
BOOST_DESCRIBE_STRUCT(holds_one_that_lacks, (), (inner))

struct tag {};
struct tagged : tag {
  int a = 0;
};
BOOST_DESCRIBE_STRUCT(tagged, (), (a))
struct inherits : holds_one_that_lacks {
  int a = 0;
};
BOOST_DESCRIBE_STRUCT(inherits, (holds_one_that_lacks), (a))
struct with_constructor {
  with_constructor() = default;
  int a = 0, hidden = 0;
};
BOOST_DESCRIBE_STRUCT(with_constructor, (), (a))

template <class T>
bool lacks() {
  return detail::has_undescribed_members<T>();
}

}  // namespace

TEST_CASE("a member that a description leaves out is seen, wherever it stands") {
  CHECK(lacks<holds_one>());
  CHECK(lacks<lacks_first>());
  CHECK(lacks<lacks_middle>());
  CHECK(lacks<lacks_last>());
}

TEST_CASE("complete descriptions lack nothing, nor do those of structs that the compiler can not see into") {
  CHECK_FALSE(lacks<complete>());
  CHECK_FALSE(lacks<empty>());
  CHECK_FALSE(lacks<holds_one_that_lacks>());
  CHECK_FALSE(lacks<tagged>());
  CHECK_FALSE(lacks<inherits>());
  CHECK_FALSE(lacks<with_constructor>());
}
