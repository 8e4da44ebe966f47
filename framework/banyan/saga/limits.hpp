// How large a saga may become. All are options of the pattern, "<service>.saga.<name>.max_turns" and so on. A change of
// a limit never breaks a running saga: what was refused because of one is recorded, and a replay takes it from the
// record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace banyan {

struct saga_limits {
  int turns = 10'000;  // of a run; beyond, the saga is blocked (too_long) until the limit is raised, or
                       // it is aborted
  std::int64_t bytes = 8 << 20;         // of a run's turns as JSON; likewise
  std::int64_t payload = 64 << 10;      // of the arguments of a request, of an answer, of an event, of a value
  int requests_per_turn = 1'000;        // beyond: a defect, an endless loop that never waits
  int outstanding = 256;                // steps without an answer
  int timers = 64;                      // that have not fired
  std::int64_t unread = 1'000;           // events of one name that nobody has taken
  int depth = 16;                       // sagas that wait for one another, each for the next
  int undo = 1'000;                     // recorded undo actions
};

// A limit that is used by more than a tenth (turns, bytes) or a half (others).
struct saga_warning {
  std::string limit;  // the member of saga_limits
  std::size_t used = 0;
  std::size_t most = 0;
};

}  // namespace banyan
