// The rules of one SKU's stock.
#include <services/inventory/stock_item.hpp>

#include <banyan/test_kit/given_when_then.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace banyan;
using namespace shop::inventory;
using test_kit::given;

namespace {

stock_received received(std::int64_t n) { return {"A1", "r1", movement_kind::receipt, n}; }
receive_stock receive(std::int64_t n) { return {"A1", "r1", movement_kind::receipt, n}; }
take_stock take(std::int64_t n) { return {"A1", "o1", 1, n, "sale", true}; }
take_stock take_as_of_old(std::int64_t n) { return {"A1", "o1", 1, n, "sale"}; }
stock_moved moved(std::int64_t n) { return {"A1", "o1", 1, n}; }

}  // namespace

TEST_CASE("goods come in") {
  given<stock_item>().when(receive(5)).then({received(5)}).then_reply(stock_level{"A1", 5});
  given<stock_item>({received(5)}).when(receive(3)).then({received(3)}).then_reply(stock_level{"A1", 8});
}

TEST_CASE("stock goes down to zero and never below") {
  given<stock_item>({received(5)}).when(take(5)).then({moved(5)}).then_reply(stock_taken{"A1", 0, true});
  given<stock_item>({received(5)}).when(take(6)).then_refused("out_of_stock");
  given<stock_item>({received(5), moved(5)}).when(take(1)).then_refused("out_of_stock");
  given<stock_item>({sku_tracked{"A1"}}).when(take(1)).then_refused("out_of_stock");
}

TEST_CASE("goods come back into stock, also into an empty one") {
  given<stock_item>({received(5), moved(5)}).when(take(-2)).then({moved(-2)}).then_reply(stock_taken{"A1", 2, true});
  given<stock_item>({sku_tracked{"A1"}}).when(take(-2)).then({moved(-2)}).then_reply(stock_taken{"A1", 2, true});
}

TEST_CASE("stock that the catalog knows of is kept from the first order on, also when its news is still on the way") {
  given<stock_item>().when(take(1)).then_refused("out_of_stock");
  given<stock_item>().when(take(-2)).then({moved(-2)}).then_reply(stock_taken{"A1", 2, true});
  given<stock_item>({moved(-2)}).when(take(2)).then({moved(2)}).then_reply(stock_taken{"A1", 0, true});
  given<stock_item>({moved(-2)}).when(track_sku{"A1"}).then({}).then_reply(stock_level{"A1", 2});
}

TEST_CASE("for an order of old, which does not say whether there is stock, only what is tracked moves") {
  given<stock_item>().when(take_as_of_old(1000)).then({}).then_reply(stock_taken{"A1", 0, false});
  given<stock_item>({received(5)}).when(take_as_of_old(2)).then({moved(2)}).then_reply(stock_taken{"A1", 3, true});
  given<stock_item>({received(5)}).when(take_as_of_old(6)).then_refused("out_of_stock");
  // The id of the movement must find its first answer again after an upgrade in the middle: what is asked looks as it always did.
  CHECK(to_json(take_as_of_old(1)) == R"({"sku":"A1","order":"o1","line":1,"quantity":1,"purpose":"sale"})");
}

TEST_CASE("stock is kept from the day the SKU is tracked; tracking again changes nothing") {
  given<stock_item>().when(track_sku{"A1"}).then({sku_tracked{"A1"}}).then_reply(stock_level{"A1", 0});
  given<stock_item>({received(5)}).when(track_sku{"A1"}).then({}).then_reply(stock_level{"A1", 5});
}

TEST_CASE("a movement needs an id and a positive quantity") {
  given<stock_item>().when(receive(0)).then_error(code::invalid_argument, "quantity");
  given<stock_item>().when(receive(-1)).then_error(code::invalid_argument, "quantity");
  given<stock_item>().when(receive_stock{"A1", "", movement_kind::opening, 1}).then_error(code::invalid_argument, "id");
  given<stock_item>().when(receive_stock{"A1", std::string(129, 'x'), movement_kind::opening, 1}).then_error(code::invalid_argument, "id");
  given<stock_item>().when(receive_stock{"A1", "a\nb", movement_kind::opening, 1}).then_error(code::invalid_argument, "id");
  given<stock_item>().when(receive_stock{std::string(65, 'x'), "m", movement_kind::opening, 1}).then_error(code::invalid_argument, "sku");
}

TEST_CASE("no warehouse holds more than a million million, and quantities at the ends of 64 bits are refused") {
  constexpr auto most = std::int64_t{1'000'000'000'000};
  given<stock_item>({received(most)}).when(receive(1)).then_refused("too_much_stock");
  given<stock_item>({received(most)})
      .when(take(-1))
      .then({moved(-1)})
      .then_reply(stock_taken{"A1", most + 1, true});  // what comes back has room
  given<stock_item>({received(1)}).when(take(std::numeric_limits<std::int64_t>::min())).then_refused("too_much_stock");
  given<stock_item>({received(1)}).when(take(std::numeric_limits<std::int64_t>::max())).then_refused("out_of_stock");
  given<stock_item>().when(receive(std::numeric_limits<std::int64_t>::max())).then_error(code::invalid_argument, "quantity");
}
