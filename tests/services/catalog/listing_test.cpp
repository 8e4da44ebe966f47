// The rules of a listed product.
#include <services/catalog/listing.hpp>

#include <banyan/test_kit/given_when_then.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::catalog;
using test_kit::given;

namespace {

put_product put(std::string name, std::int64_t pence, bool stocked = true) { return {"A1", std::move(name), {pence, "GBP"}, stocked}; }
product_put event(std::string name, std::int64_t pence, bool stocked = true) { return {"A1", std::move(name), {pence, "GBP"}, stocked}; }

}  // namespace

TEST_CASE("a product is listed, and changed") {
  given<listing>().when(put("lantern", 255)).then({event("lantern", 255)}).then_reply(product{"A1", "lantern", {255, "GBP"}, true});
  given<listing>({event("lantern", 255)}).when(put("lantern", 300)).then({event("lantern", 300)});
  given<listing>({event("lantern", 255)}).when(put("big lantern", 255)).then({event("big lantern", 255)});
  given<listing>({event("lantern", 255)}).when(put("lantern", 255, false)).then({event("lantern", 255, false)});
}

TEST_CASE("a product that was listed under a name that nobody can see is there, and gets a better one") {
  given<listing>({event(" ", 255)}).when(put("lantern", 255)).then({event("lantern", 255)});
}

TEST_CASE("setting what is set already records nothing") {
  given<listing>({event("lantern", 255)}).when(put("lantern", 255)).then({}).then_reply(product{"A1", "lantern", {255, "GBP"}, true});
  given<listing>({event("lantern", 255), event("lantern", 300)}).when(put("lantern", 255)).then({event("lantern", 255)});
}

TEST_CASE("what is wrong with a product is named") {
  given<listing>().when(put("", 255)).then_error(code::invalid_argument, "name");
  given<listing>().when(put(std::string(257, 'x'), 255)).then_error(code::invalid_argument, "name");
  for (auto name : {std::string{" "}, std::string{"\0", 1}, std::string{"\u200B"}, std::string{"a\u2028"}, std::string{"\uFEFF"},
                    std::string{"\u00AD"}, std::string{"\u3164"}, std::string{"lan\u202Etern"}})
    given<listing>().when(put(name, 255)).then_error(code::invalid_argument, "name");
  given<listing>().when(put("lantern", -1)).then_error(code::invalid_argument, "price.minor");
  given<listing>().when(put_product{"A1", "lantern", {255, "EUR"}, true}).then_error(code::invalid_argument, "price.currency");
  given<listing>().when(put_product{"", "lantern", {255, "GBP"}, true}).then_error(code::invalid_argument, "sku");
  given<listing>().when(put("lantern", 1'000'000'000'001)).then_error(code::invalid_argument, "price.minor");
  given<listing>().when(put_product{"A\t1", "lantern", {255, "GBP"}, true}).then_error(code::invalid_argument, "sku");
  given<listing>().when(put("free sample", 0)).then({event("free sample", 0)});
}
