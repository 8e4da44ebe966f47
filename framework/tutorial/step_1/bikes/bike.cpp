#include <bikes/bike.hpp>

#include <algorithm>
#include <chrono>

namespace bikes {

banyan::result<void> bike::validate(const command& c) {
  auto* rent = std::get_if<rent_bike>(&c);
  if (rent && rent->rider.empty())
    return banyan::error{banyan::code::invalid_argument, "a rider has a name"}.at("rider");
  return {};
}

banyan::decision<bike> bike::decide(const state& s, const command& c, const banyan::decision_context& ctx) {
  if (auto* rent = std::get_if<rent_bike>(&c)) {
    if (s.rental) return banyan::refuse("rented", "the bike is rented already");
    return banyan::accept<bike>({bike_rented{rent->bike, rent->rider, ctx.now}}, ride{rent->bike, rent->rider, 0});
  }
  if (!s.rental) return banyan::refuse("not_rented", "nobody has rented the bike");
  const auto begun = std::chrono::ceil<std::chrono::minutes>(ctx.now - s.rental->at).count();
  const auto minutes = std::max<std::int64_t>(begun, 1);  // a clock may be set back
  const auto& [name, rider, at] = *s.rental;
  return banyan::accept<bike>({bike_returned{name, rider, minutes}}, ride{name, rider, minutes});
}

void bike::evolve(state& s, const event& e) {
  if (auto* rented = std::get_if<bike_rented>(&e)) s.rental = *rented;
  if (std::get_if<bike_returned>(&e)) s.rental.reset();
}

}  // namespace bikes
