// The API of the customers service: the operations that other services and the edge may call.
#pragma once

#include <banyan/core/json.hpp>
#include <banyan/plan/operation.hpp>

#include <optional>
#include <string>

namespace shop::customers {

struct customer_profile {
  std::string id, name;
  std::optional<std::string> email, country;
};
BOOST_DESCRIBE_STRUCT(customer_profile, (), (id, name, email, country))

// Registers a customer, or changes the profile.
struct put_customer {
  using reply = customer_profile;
  std::string id, name;
  std::optional<std::string> email, country;
};
BOOST_DESCRIBE_STRUCT(put_customer, (), (id, name, email, country))

struct get_customer {
  using reply = customer_profile;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(get_customer, (), (id))

struct customers_api {
  static constexpr std::string_view name = "customers";
  using operations = banyan::operations<banyan::op<put_customer, banyan::idempotent::always>, banyan::op<get_customer, banyan::idempotent::always>>;
};

}  // namespace shop::customers
