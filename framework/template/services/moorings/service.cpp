#include <services/moorings/service.hpp>

// banyan: begin http
#include <services/moorings/routes.hpp>

// banyan: end http
// banyan: begin event_sourcing
#include <services/moorings/mooring.hpp>
// banyan: end event_sourcing
// banyan: begin saga
#include <services/moorings/mooring_arrangement.hpp>
// banyan: end saga
#include <services/moorings/mooring_check.hpp>
// banyan: begin pub_sub
#include <services/moorings/mooring_confirmation.hpp>
// banyan: end pub_sub
// banyan: begin cqrs
#include <services/moorings/mooring_list.hpp>
// banyan: end cqrs
// banyan: begin ambassador
#include <services/moorings/mooring_review.hpp>
// banyan: end ambassador

// banyan: begin ambassador
#include <banyan/ambassador/ambassador.hpp>
// banyan: end ambassador
// banyan: begin cqrs
#include <banyan/cqrs/projection.hpp>
// banyan: end cqrs
// banyan: begin event_sourcing
#include <banyan/event_sourcing/event_sourced.hpp>
// banyan: end event_sourcing
// banyan: begin http
#include <banyan/http/http_routes.hpp>
// banyan: end http
#include <banyan/plan/service.hpp>
// banyan: begin pub_sub
#include <banyan/pub_sub/pub_sub.hpp>
// banyan: end pub_sub
// banyan: begin saga
#include <banyan/saga/saga.hpp>
// banyan: end saga
#include <banyan/service/handles.hpp>
// banyan: begin sharding
#include <banyan/sharding/sharded.hpp>
// banyan: end sharding
#include <banyan/supervision/supervised.hpp>

namespace harbour::moorings {

// banyan: begin sharding
namespace {

std::string id_of(const mooring::command& c) {
  return std::visit([](auto& x) { return x.id; }, c);
}

// banyan: begin saga
std::string saga_of(const arrange_mooring& m) { return m.id; }

// banyan: end saga
}  // namespace

// banyan: end sharding
banyan::plan describe() {
  using namespace std::chrono_literals;
  return banyan::service<moorings_api>(
      // banyan: begin event_sourcing
      // Entities whose state is their history in the journal.
      banyan::event_sourced<mooring>{.journal = "moorings"},
      // banyan: end event_sourcing
      // banyan: begin sharding
      // Where an entity lives. The number of shards is fixed by the first start.
      banyan::sharded<mooring>{.entity = id_of, .shards = 64, .passivate_after = 1min},
      // banyan: end sharding
      // banyan: begin cqrs
      // The read model: writes go to the journal, reads to its tables.
      banyan::projection<mooring_list>{.of = "moorings"},
      // Its queries.
      banyan::query_side<mooring_list>{.replicas = 2},
      // banyan: end cqrs
      // banyan: begin pub_sub
      // Whoever subscribes is told what was placed.
      banyan::publishes<mooring_placed>{.topic = "moorings.placed"},
      // This service itself, which confirms it.
      banyan::subscribes<confirm_placed>{.topic = "moorings.placed", .group = "confirmation", .from = banyan::from_start},
      // banyan: end pub_sub
      // banyan: begin saga
      // A function that goes on after a crash. Its name is stored; what it asks changes with a new version alone.
      banyan::saga<arrange>{.name = "moorings.arrange", .version = 1, .id = saga_of},
      // banyan: end saga
      // banyan: begin ambassador
      // The link for all calls to another service.
      banyan::ambassador<pilots::pilots_api>{
          // Of a whole call, with all its attempts.
          .deadline = 2s,
          // banyan: begin circuit_breaker
          // While half of the calls fail none is sent, for 1s at first, then longer.
          .breaker = banyan::circuit_breaker{.min_calls = 20, .failure_rate = 0.5, .open_for = 1s},
          // banyan: end circuit_breaker
          // What fails is sent again, together at most a fifth of the calls (.budget).
          .retry = banyan::retry_options{.attempts = 3, .backoff = 25ms},
      },
      // Answers by asking it.
      banyan::handles<review>{},
      // banyan: end ambassador
      // Answers without state.
      banyan::handles<check>{},
      // banyan: begin http
      // The routes of the edge.
      banyan::http_routes{.routes = routes()},
      // banyan: end http
      // A part that crashes is restarted alone.
      banyan::supervised{.strategy = banyan::restart::one_for_one});
}

}  // namespace harbour::moorings
