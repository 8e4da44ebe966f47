// An API that has every type in every place of a request, for tests of what its document says.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/core/money.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace every_type {

using namespace banyan;
using namespace std::chrono_literals;
namespace json = boost::json;

enum class width { narrow, wide };
BOOST_DESCRIBE_ENUM(width, narrow, wide)
struct part {
  std::string name;
  std::optional<std::int32_t> count;
};
BOOST_DESCRIBE_STRUCT(part, (), (name, count))
struct thing_tag;

struct taken {
  std::string by;
};
BOOST_DESCRIBE_STRUCT(taken, (), (by))

struct put_thing {
  using reply = taken;
  static constexpr auto optional_fields = fields("level");
  strong<thing_tag> thing;
  std::uint64_t number = 0;
  std::int8_t small = 0;
  double ratio = 0;
  bool open = false;
  uuid owner;
  instant since;
  timespan wait;
  width how{};
  part main;
  std::vector<part> parts;
  std::array<int, 2> pair{};
  std::map<std::string, std::int64_t> counts;
  std::variant<part, money> either;
  money price;
  json::value whatever;
  std::optional<std::string> note;
  std::optional<std::vector<std::string>> tags;
  std::optional<width> other;
  std::optional<money> deposit;
  std::uint16_t level = 1;
};
BOOST_DESCRIBE_STRUCT(put_thing, (),
                      (thing, number, small, ratio, open, owner, since, wait, how, main, parts, pair, counts, either,
                       price, whatever, note, tags, other, deposit, level))

struct find_thing {
  using reply = taken;
  static constexpr auto optional_fields = fields("limit");
  std::string id;
  width how{};
  std::vector<std::uint32_t> numbers;
  std::array<bool, 2> both{};
  money price;
  std::map<std::string, double> ratios;
  std::optional<uuid> owner;
  std::optional<instant> since;
  std::optional<std::vector<width>> widths;
  std::optional<part> main;
  std::int32_t limit = 10;
};
BOOST_DESCRIBE_STRUCT(find_thing, (), (id, how, numbers, both, price, ratios, owner, since, widths, main, limit))

struct remove_thing {
  using reply = taken;
  std::string key;
  std::int64_t version = 0;
  std::optional<bool> for_good;
};
BOOST_DESCRIBE_STRUCT(remove_thing, (), (key, version, for_good))

struct reset {
  using reply = taken;
};
BOOST_DESCRIBE_STRUCT(reset, (), ())

inline result<taken> put_it(context<>, const put_thing&) { return taken{"put"}; }
inline result<taken> find_it(context<>, const find_thing&) { return taken{"find"}; }
inline result<taken> remove_it(context<>, const remove_thing&) { return taken{"remove"}; }
inline result<taken> reset_it(context<>, const reset&) { return taken{"reset"}; }

struct things_api {
  static constexpr std::string_view name = "things";
  using operations = banyan::operations<op<put_thing>, op<find_thing>, op<remove_thing>, op<reset>>;
};

inline const application& the_things() {
  static const application app{
      "things",
      {service<things_api>(
          handles<put_it>{}, handles<find_it>{}, handles<remove_it>{}, handles<reset_it>{},
          http_routes{.routes = std::vector{
                          command<put_thing>("PUT /things/{thing}/{number}/{how}/{price}", {.success = 201}),
                          command<put_thing>("POST /things", {.name = "post_thing"}),
                          query<find_thing>("GET /things/{id}"),
                          query<find_thing>("POST /searches/{how}", {.name = "search"}),
                          command<remove_thing>("DELETE /things/{key}"),
                          command<reset>("POST /resets"),
                      }})}};
  return app;
}

}  // namespace every_type
