// A program of one service, built outside the tree against Banyan: a visitors' book that counts each guest's visits.
//
//   visitors serve --port 8080      curl -X POST http://127.0.0.1:8080/guests/ada/visits
#include <banyan/core/json.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/run.hpp>
#include <banyan/sharding/sharded.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace visitors {

struct visits {
  std::string guest;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(visits, (), (guest, count))

struct visit {
  using reply = visits;
  std::string guest;
};
BOOST_DESCRIBE_STRUCT(visit, (), (guest))

struct guest_came {
  static constexpr banyan::stored_as stored{"visitors.guest_came", 1};
  std::string guest;
};
BOOST_DESCRIBE_STRUCT(guest_came, (), (guest))

struct page {
  using command = std::variant<visit>;
  using event = std::variant<guest_came>;
  struct state {
    std::int64_t count = 0;
  };
  static banyan::decision<page> decide(const state& s, const command& c, const banyan::decision_context&) {
    const auto& guest = std::get<visit>(c).guest;
    return banyan::accept<page>({guest_came{guest}}, visits{guest, s.count + 1});
  }
  static void evolve(state& s, const event&) { ++s.count; }
};
BOOST_DESCRIBE_STRUCT(page::state, (), (count))

struct visitors_api {
  static constexpr std::string_view name = "visitors";
  using operations = banyan::operations<banyan::op<visit, banyan::idempotent::by_key>>;
};

std::string guest_of(const page::command& c) { return std::get<visit>(c).guest; }

banyan::plan describe() {
  using namespace banyan;
  return service<visitors_api>(event_sourced<page>{.journal = "visitors"},
                               sharded<page>{.entity = guest_of, .shards = 4},
                               http_routes{.routes = std::vector{command<visit>("POST /guests/{guest}/visits")}});
}

}  // namespace visitors

int main(int argc, char** argv) { return banyan::run(argc, argv, {"visitors", {visitors::describe()}}); }
