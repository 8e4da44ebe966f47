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

TEST_CASE("a customer needs an id and a name") {
  given<customer>().when(put_customer{"", "Ann", {}, {}}).then_error(code::invalid_argument, "id");
  given<customer>().when(put_customer{std::string(65, '1'), "Ann", {}, {}}).then_error(code::invalid_argument, "id");
  given<customer>().when(put_customer{"17850", "", {}, {}}).then_error(code::invalid_argument, "name");
  given<customer>().when(put_customer{"17850", std::string(257, 'x'), {}, {}}).then_error(code::invalid_argument, "name");
}
