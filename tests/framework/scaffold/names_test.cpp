// Which names are possible, and how they replace the template's.
#include <banyan/scaffold/names.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::scaffold;

namespace {

std::string refusal(std::string_view what, std::string_view name) {
  const auto checked = check_name(what, name);
  return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("names that become identifiers, folders and targets are accepted") {
  for (const auto* name : {"orders", "a", "x1", "wholesale_orders", "a_1_b", "abcdefghijklmnopqrstuvw1"}) {
    CAPTURE(name);
    CHECK(refusal("service", name) == "");
  }
}

TEST_CASE("a name that can not be is refused with a sentence that says why") {
  const std::pair<std::string, const char*> cases[] = {{"", "An empty text"},
                                                       {"class", "keyword"},
                                                       {"co_await", "keyword"},
                                                       {"std", "taken"},
                                                       {"test", "taken"},
                                                       {"2fast", "digit"},
                                                       {"a/b", "is a path"},
                                                       {"../a", "is a path"},
                                                       {"..", "is a path"},
                                                       {"a\\b", "is a path"},
                                                       {std::string(200, 'a'), "It has 200 letters"},
                                                       {"Orders", "did you mean orders?"},
                                                       {"shop-front", "did you mean shop_front?"},
                                                       {"a__b", "did you mean a_b?"},
                                                       {"_a", "did you mean a?"},
                                                       {"a_", "did you mean a?"},
                                                       {"b\xC3\xA4r", "did you mean b_r?"},
                                                       {"a b", "did you mean a_b?"},
                                                       {"a\nb", "can not be"}};
  for (const auto& [name, why] : cases) {
    CAPTURE(name);
    CHECK(refusal("service", name).find(why) != std::string::npos);
    CHECK(std::string{".?"}.find(refusal("service", name).back()) != std::string::npos);
  }
}

TEST_CASE("what is no good guess is not suggested") {
  CHECK(refusal("service", "Class").find("did you mean") == std::string::npos);
}

TEST_CASE("an application is a namespace beside the C library's functions, a service is not") {
  CHECK(refusal("application", "time").find("C library") != std::string::npos);
  CHECK(refusal("service", "time") == "");
}

TEST_CASE("an aggregate is called by the singular of its service") {
  CHECK(aggregate_of("orders") == "order");
  CHECK(aggregate_of("deliveries") == "delivery");
  CHECK(aggregate_of("billing") == "billing_item");
  CHECK(aggregate_of("address") == "address_item");
  CHECK(aggregate_of("news") == "news_item");
  CHECK(aggregate_of("ties") == "tie");
  CHECK(check_name("aggregate", aggregate_of("abcdefghijklmnopqrstuvw1")));
}

TEST_CASE("an aggregate has another name than what is around it") {
  CHECK(check_names({"shop", "orders", "order"}));
  CHECK_FALSE(check_names({"shop", "orders", "orders"}));
  CHECK_FALSE(check_names({"shop", "orders", "shop"}));
  CHECK_FALSE(check_names({"shop", "orders", "class"}));
}

TEST_CASE("words are replaced whole, in small letters, with a capital and in capitals") {
  const service_names names{"big_shop", "orders", "order", "stock", "stock_item"};
  CHECK(with_names("harbour::moorings::place_mooring", names) == "big_shop::orders::place_order");
  CHECK(with_names("Harbour: Moorings, each Mooring", names) == "Big shop: Orders, each Order");
  CHECK(with_names("HARBOUR_WERROR", names) == "BIG_SHOP_WERROR");
  CHECK(with_names("pilots::check_pilot", names) == "stock::check_stock_item");
  CHECK(with_names("harbours mooringx xmooring moorings2", names) == "harbours mooringx xmooring moorings2");
}

TEST_CASE("a name that is a word of the template is not replaced again") {
  CHECK(with_names("moorings mooring", {"harbour", "mooring", "pilot", "harbour", "moorings"}) == "mooring pilot");
}
