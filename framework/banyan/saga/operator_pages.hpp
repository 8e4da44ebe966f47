// The JSON documents of the operations port about sagas (saga_administration.hpp), as the command line and the
// operations page read them.
#pragma once

#include <banyan/saga/saga_orders.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct saga_line {
  std::string saga, id;
  int run = 1, version = 1;
  std::string state;                     // blocked; or running, settling, undoing, attention; or how it ended
  std::string status;                    // as its code said
  instant started, since;                // of the run, of its last turn
  std::string waiting_for;
  std::int64_t open_steps = 0, turns = 0, bytes = 0;
  std::string reason;                    // why it is blocked, failed, or needs an operator
};
BOOST_DESCRIBE_STRUCT(saga_line, (),
                      (saga, id, run, version, state, status, started, since, waiting_for, open_steps, turns, bytes,
                       reason))

struct saga_version_line {
  int version = 1;
  std::int64_t sagas = 0;                // alive
  instant oldest;                        // its run began
  bool linked = true;                    // into this program
};
BOOST_DESCRIBE_STRUCT(saga_version_line, (), (version, sagas, oldest, linked))

struct saga_kind_line {
  std::string saga;
  std::vector<saga_version_line> living = {};
  std::vector<int> versions = {};        // that the index has, also of ended sagas
  std::int64_t attention = 0, overdue = 0;
};
BOOST_DESCRIBE_STRUCT(saga_kind_line, (), (saga, living, versions, attention, overdue))

struct sagas_page {
  std::vector<saga_line> sagas;
  std::vector<saga_kind_line> kinds;
  std::optional<std::string> next;       // `after` of the next page
};
BOOST_DESCRIBE_STRUCT(sagas_page, (), (sagas, kinds, next))

struct saga_turn_line {
  int turn = 0;
  instant now = {};
  std::string because = {};              // "answered 2 {...}"; values are cut
  std::string by = {};                   // who caused it, if a person or another service did
  std::vector<std::string> then = {};    // "step 3 payments.charge {...}"
  std::optional<std::string> end = {};
};
BOOST_DESCRIBE_STRUCT(saga_turn_line, (), (turn, now, because, by, then, end))

struct saga_page {
  saga_description saga;
  std::vector<saga_turn_line> turns;     // the last ones of its run
  std::string advice;                    // what an operator can do; empty: nothing has to be done
};
BOOST_DESCRIBE_STRUCT(saga_page, (), (saga, turns, advice))

// The stored turns of a run, as they are.
struct saga_history {
  std::string saga, id;
  int run = 1, version = 1;
  std::vector<nested_json> turns;
  std::optional<std::int64_t> next;      // `from` of the next part
};
BOOST_DESCRIBE_STRUCT(saga_history, (), (saga, id, run, version, turns, next))

// After an operator's change.
struct saga_change {
  std::string saga, id;
  int run = 1, turn = 0;                 // 0: it led to no turn
  std::string phase;
  std::vector<std::string> waiting_for;
  std::optional<std::string> blocked;
};
BOOST_DESCRIBE_STRUCT(saga_change, (), (saga, id, run, turn, phase, waiting_for, blocked))

}  // namespace banyan
