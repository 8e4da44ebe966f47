// `breaker_changed`: a circuit breaker of a link has changed its state, or refuses calls, as an event of the topic
// `breakers_topic`. All links of a node publish it; a service listens:
//
//   task<result<done>> on_breaker_changed(context<>, const breaker_changed& e) {
//     if (e.why == breaker_event_kind::tripped) call_the_engineer(e);
//     co_return done{};
//   }
//   auto watch() { return listens<on_breaker_changed>{.topic = breakers_topic}; }
//
// Level at_most_once, and of the listener's own node (topic/listens.hpp). Each event also is a line of the log; changes
// of state are counted in banyan_breaker_transitions_total, refused calls in banyan_link_refused_total.
//
// Refused calls may be thousands a second. Each breaker sums them up (refusal_summary.hpp): the first one is an event
// at once, and while calls are refused there is one event a second, with how many there were since the last one.
#pragma once

#include <banyan/circuit_breaker/breaker_state.hpp>
#include <banyan/core/time.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace banyan {

inline constexpr const char* breakers_topic = "banyan.breakers";

struct breaker_changed {
  std::string service, to;                               // whose link it is, and to which service or API
  std::string endpoint = {};                             // whose breaker; empty: that of the whole link
  breaker_event_kind why = breaker_event_kind::tripped;  // or probing, recovered, refused, would_trip, forced
  breaker_state before = breaker_state::closed, after = breaker_state::closed;
  breaker_override forced = breaker_override::none;  // set by an operator, over the state
  std::optional<timespan> retry_after = {};          // open: until the first probe; refused: until a call is admitted
  double failure_rate = 0, slow_rate = 0;            // of the calls, or probes, that decided
  std::uint64_t calls = 0;                           // that the rates are of
  std::uint64_t refused = 0;                         // calls, since the breaker was made
  std::uint64_t refused_since = 0;                   // of event `refused`: calls since the last such event
  std::uint64_t generation = 0;  // of the breaker, raised by each change of state: orders concurrent events
  instant at{};
};
BOOST_DESCRIBE_STRUCT(breaker_changed, (),
                      (service, to, endpoint, why, before, after, forced, retry_after, failure_rate, slow_rate, calls,
                       refused, refused_since, generation, at))

}  // namespace banyan
