// What a circuit breaker tells of itself: states, events, a snapshot for display, and the state that can be carried to
// another process.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/time.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace banyan {

enum class breaker_state : std::uint8_t { closed, open, half_open };
BOOST_DESCRIBE_ENUM(breaker_state, closed, open, half_open)

// Set by an operator, over the state.
enum class breaker_override : std::uint8_t {
  none,
  forced_open,    // refuses every call
  forced_closed,  // admits every call, and counts nothing
  observe_only,   // admits every call, counts, and tells when it would have tripped
};
BOOST_DESCRIBE_ENUM(breaker_override, none, forced_open, forced_closed, observe_only)

std::string_view to_string(breaker_state s);
std::string_view to_string(breaker_override o);

enum class breaker_event_kind : std::uint8_t {
  tripped,     // closed or half open -> open
  probing,     // open -> half open
  recovered,   // half open -> closed
  refused,     // a call was refused
  would_trip,  // observe_only: a limit was reached
  forced,      // an operator set or cleared an override
  restored,    // the state was set to an exported one
};
BOOST_DESCRIBE_ENUM(breaker_event_kind, tripped, probing, recovered, refused, would_trip, forced, restored)
std::string_view to_string(breaker_event_kind k);

struct breaker_event {
  breaker_event_kind kind = breaker_event_kind::refused;
  breaker_state before = breaker_state::closed;
  breaker_state state = breaker_state::closed;  // after the event
  breaker_override forced = breaker_override::none;
  monotonic at{};
  std::uint64_t generation = 0;  // rises with each change of state: orders the events of several threads
  double failure_rate = 0;       // of the window, or of the probes that decided; not of `refused`
  double slow_rate = 0;
  std::uint64_t calls = 0;  // that the rates are of
  std::uint64_t refused = 0;  // calls, since the breaker was made
  monotonic retry_at{};     // open, or refused: when a call can be admitted; monotonic::max(): not known
};

// For display. Rates and calls are those of the window when closed, of the window that tripped it when open, and of the
// probes when half open.
struct breaker_snapshot {
  breaker_state state = breaker_state::closed;
  breaker_override forced = breaker_override::none;
  double failure_rate = 0;
  double slow_rate = 0;
  std::uint64_t calls = 0;
  std::optional<timespan> retry_after = {};  // open: until the first probe
  double admitted = 1;                       // share of calls that are admitted: 0 to 1 during the ramp
  std::uint64_t generation = 0;
  std::uint64_t refused = 0;  // calls, since it was made
  std::uint64_t trips = 0;    // since it was made
};
BOOST_DESCRIBE_STRUCT(breaker_snapshot, (),
                      (state, forced, failure_rate, slow_rate, calls, retry_after, admitted, generation, refused,
                       trips))

// What `restore` needs to go on after a restart or on another node. The window is not in it, and probes under way are
// not: a half-open breaker is exported as open for no longer.
struct exported_breaker {
  breaker_state state = breaker_state::closed;
  breaker_override forced = breaker_override::none;
  int openings = 0;                     // in a row, without a recovery that lasted
  timespan remaining = nanoseconds{0};  // open: until the first probe; closed: of the ramp

  friend bool operator==(const exported_breaker&, const exported_breaker&) = default;
};
BOOST_DESCRIBE_STRUCT(exported_breaker, (), (state, forced, openings, remaining))

}  // namespace banyan
