// The aggregate of a customer's profile, and the view that finds it.
#pragma once

#include <services/customers/api.hpp>

#include <banyan/cqrs/view_store.hpp>
#include <banyan/event_sourcing/aggregate.hpp>

#include <variant>

namespace shop::customers {

struct profile_changed {
  static constexpr banyan::stored_as stored{"customers.profile_changed", 1};
  std::string id, name;
  std::optional<std::string> email, country;
};
BOOST_DESCRIBE_STRUCT(profile_changed, (), (id, name, email, country))

struct customer {
  using command = std::variant<put_customer>;
  using event = std::variant<profile_changed>;
  struct state {
    std::optional<customer_profile> profile;
  };
  static banyan::result<void> validate(const command& c);
  static banyan::decision<customer> decide(const state& s, const command& c, const banyan::decision_context& ctx);
  static void evolve(state& s, const event& e);
};
BOOST_DESCRIBE_STRUCT(customer::state, (), (profile))

struct customer_directory {
  using events = std::variant<profile_changed>;
  using queries = std::variant<get_customer>;
  static void create(banyan::view_writer& v);
  static void apply(banyan::view_writer& v, const events& e, const banyan::recorded_event& at);
  static banyan::result<customer_profile> answer(banyan::view_reader& v, const get_customer& q);
};

}  // namespace shop::customers
