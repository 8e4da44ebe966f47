// Saga: a story told in steps, in which every hero knows the way back. Garcia-Molina and Salem named it in 1987: a
// transaction that is too long for locks is a sequence of short ones, each with an action that takes it back.
//
// Here a travel agent arranges trips: a flight and a hotel at night, and in the morning, when tickets are sold, a
// train. What can not be had ends the trip, and what was booked is given back, last first. The agent's code,
// arrange_trip, is an ordinary function that sleeps until then; the power fails in the middle of the night. The time is
// virtual, so that each run prints the same:
//
//   saga
#include <banyan/ambassador/ambassador.hpp>
#include <banyan/core/json.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/simulation/simulation.hpp>

#include <cstdio>
#include <set>
#include <string>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

// --- what is booked: a book outside of the program, which no power failure empties

struct booking {
  std::string what, trip;
};
BOOST_DESCRIBE_STRUCT(booking, (), (what, trip))
struct book {
  using reply = booking;
  std::string what, trip;
};
BOOST_DESCRIBE_STRUCT(book, (), (what, trip))
struct give_back {
  using reply = booking;
  std::string what, trip;
};
BOOST_DESCRIBE_STRUCT(give_back, (), (what, trip))
struct bookings_api {
  static constexpr std::string_view name = "bookings";
  using operations = banyan::operations<op<book, idempotent::always>, op<give_back, idempotent::always>>;
};

simulation* world = nullptr;
void print(const std::string& what) {
  const auto now = to_rfc3339(world->now());
  std::printf("%s  %s\n", now.substr(11, 5).c_str(), what.c_str());
}

std::set<std::string> booked;
result<booking> make_booking(context<>, const book& b) {
  if (b.what == "train" && b.trip == "oslo") return error{code::refused, "no seat is left"}.because("sold_out");
  if (booked.insert(b.what + b.trip).second) print(b.what + " booked for " + b.trip);
  return booking{b.what, b.trip};
}
result<booking> end_booking(context<>, const give_back& b) {
  if (booked.erase(b.what + b.trip) != 0) print(b.what + " given back for " + b.trip);
  return booking{b.what, b.trip};
}

// --- the saga

struct trip {
  std::string id, status;
};
BOOST_DESCRIBE_STRUCT(trip, (), (id, status))
struct take_trip {
  using reply = trip;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(take_trip, (), (id))
struct trips_api {
  static constexpr std::string_view name = "trips";
  using operations = banyan::operations<op<take_trip, idempotent::by_key>>;
};

durable<result<trip>> arrange_trip(saga_context<bookings_api> ctx, const take_trip& t) {
  auto flight = ctx.ask<bookings_api, book>("flight", t.id).undone_by<bookings_api, give_back>("flight", t.id);
  auto hotel = ctx.ask<bookings_api, book>("hotel", t.id).undone_by<bookings_api, give_back>("hotel", t.id);
  if (auto has_flight = co_await flight; !has_flight) co_return has_flight.error();
  if (auto has_hotel = co_await hotel; !has_hotel) co_return has_hotel.error();
  co_await ctx.timer(8h);
  auto train = co_await ctx.ask<bookings_api, book>("train", t.id).undone_by<bookings_api, give_back>("train", t.id);
  if (!train) co_return train.error();
  co_return trip{t.id, "arranged"};
}
std::string trip_id(const take_trip& t) { return t.id; }

// The saga answers when it ends. Who does not wait so long asks again with the same request.
void ask_for(const std::string& id) {
  world->request("POST", "/trips/" + id, "{}", [id](result<http_response> r) {
    const auto body = parse_json(r.value().body).value();
    const auto& said = body.at(r->status == 200 ? "status" : "detail");
    print(id + ": " + std::to_string(r->status) + ", " + std::string{said.as_string()});
  });
  world->run_for(1min);
}

}  // namespace

int main() {
  configure_logging({.level = log_level::off});
  const application app{
      "agency",
      {service<bookings_api>(handles<make_booking>{}, handles<end_booking>{}),
       service<trips_api>(ambassador<bookings_api>{}, saga<arrange_trip>{.name = "trips.arrange", .id = trip_id},
                          http_routes{.routes = std::vector{command<take_trip>("POST /trips/{id}")}})}};
  simulation agency{app, {}};
  world = &agency;
  for (const auto* id : {"rome", "oslo"}) ask_for(id);
  agency.run_for(2h);
  print("the power fails");
  agency.crash();
  agency.run_for(7h);
  for (const auto* id : {"rome", "oslo"}) ask_for(id);
  return booked == std::set<std::string>{"flightrome", "hotelrome", "trainrome"} ? 0 : 1;
}
