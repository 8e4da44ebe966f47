#include <bikes/riders.hpp>

namespace bikes {

void riders::create(banyan::view_writer& v) {
  v.run("CREATE TABLE riders (name TEXT PRIMARY KEY, rides INTEGER NOT NULL, cents INTEGER NOT NULL) WITHOUT ROWID");
}

void riders::apply(banyan::view_writer& v, const events& e, const banyan::recorded_event&) {
  constexpr auto add = "INSERT INTO riders VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET "
                       "rides = rides + excluded.rides, cents = cents + excluded.cents";
  if (auto* rented = std::get_if<bike_rented>(&e)) v.run(add, rented->rider, 1, 0);
  if (auto* charged = std::get_if<ride_charged>(&e)) v.run(add, charged->rider, 0, charged->cents);
}

banyan::result<rider_summary> riders::answer(banyan::view_reader& v, const get_rider& q) {
  auto found = v.first<rider_summary>("SELECT name, rides, cents FROM riders WHERE name = ?1", q.rider);
  if (!found) return banyan::error{banyan::code::not_found, "no rider of this name"};
  return *found;
}

}  // namespace bikes
