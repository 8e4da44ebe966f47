#include <bikes/account.hpp>

namespace bikes {

constexpr std::int64_t cents_per_minute = 10;

banyan::decision<account> account::decide(const state& s, const command& c, const banyan::decision_context&) {
  const auto& charge = std::get<charge_ride>(c);
  const auto cents = charge.minutes * cents_per_minute;
  return banyan::accept<account>({ride_charged{charge.rider, cents}}, balance{charge.rider, s.cents + cents});
}

void account::evolve(state& s, const event& e) { s.cents += std::get<ride_charged>(e).cents; }

}  // namespace bikes
