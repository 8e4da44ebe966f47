// The rules of a customer's profile.
#include <services/customers/customer.hpp>

#include <banyan/test_kit/given_when_then.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace shop::customers;
using test_kit::given;

TEST_CASE("a customer is registered, and the profile changed") {
  given<customer>()
      .when(put_customer{"17850", "Ann", "ann@example.org", {}})
      .then({profile_changed{"17850", "Ann", "ann@example.org", {}}})
      .then_reply(customer_profile{"17850", "Ann", "ann@example.org", {}});
  given<customer>({profile_changed{"17850", "Ann", "ann@example.org", {}}})
      .when(put_customer{"17850", "Ann", {}, "FR"})
      .then({profile_changed{"17850", "Ann", {}, "FR"}});
}

TEST_CASE("an unchanged profile records nothing") {
  given<customer>({profile_changed{"17850", "Ann", {}, "FR"}})
      .when(put_customer{"17850", "Ann", {}, "FR"})
      .then({})
      .then_reply(customer_profile{"17850", "Ann", {}, "FR"});
}

TEST_CASE("names are of any script, and as long as people count") {
  std::string name;
  for (int i = 0; i < 256; ++i) name += "\xE9\x9B\xAA";
  given<customer>()
      .when(put_customer{"\xC3\x85sa", name, {}, "\xE6\x97\xA5\xE6\x9C\xAC"})
      .then({profile_changed{"\xC3\x85sa", name, {}, "\xE6\x97\xA5\xE6\x9C\xAC"}});
  given<customer>().when(put_customer{"17850", name + "x", {}, {}}).then_error(code::invalid_argument, "name");
}

TEST_CASE("a customer needs an id and a name, and what else is told has an end") {
  given<customer>().when(put_customer{"1\n2", "Ann", {}, {}}).then_error(code::invalid_argument, "id");
  given<customer>().when(put_customer{"17850", "Ann", std::string(257, 'x'), {}}).then_error(code::invalid_argument, "email");
  given<customer>().when(put_customer{"17850", "Ann", {}, std::string(257, 'x')}).then_error(code::invalid_argument, "country");
  given<customer>().when(put_customer{"", "Ann", {}, {}}).then_error(code::invalid_argument, "id");
  given<customer>().when(put_customer{std::string(65, '1'), "Ann", {}, {}}).then_error(code::invalid_argument, "id");
  given<customer>().when(put_customer{"17850", "", {}, {}}).then_error(code::invalid_argument, "name");
  given<customer>().when(put_customer{"17850", std::string(257, 'x'), {}, {}}).then_error(code::invalid_argument, "name");
  given<customer>().when(put_customer{"17850", "\u200B", {}, {}}).then_error(code::invalid_argument, "name");
  given<customer>().when(put_customer{"17850", "Ann", {}, "\u202EFR"}).then_error(code::invalid_argument, "country");
  given<customer>().when(put_customer{"17850", "Ann", {}, " "}).then_error(code::invalid_argument, "country");
}
