// The index of a kind of sagas: a view of its turns. It says which sagas live, what they wait for, and which have
// something to do; it can be deleted and built again from the journal.
//
//   sagas        id, run, version, state (running, or how it ended), phase (running, settling, undoing, attention,
//                ended), status, started (the run), since (its last turn), gives_up_at, turns, bytes, reason
//   saga_timers  id, number, due       of the current run
//   saga_steps   id, number, operation, begun (by another saga)   steps and undo actions without an answer
//   saga_events  id, name, missing      events that its function asked for and that have not come
//
// Times are nanoseconds since 1970, UTC. Sagas that ended longer ago than `keep` are forgotten as others end.
#pragma once

#include <banyan/cqrs/projection.hpp>
#include <banyan/saga/record.hpp>

#include <boost/describe.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct saga_index_row {
  std::string id;
  int run = 1, version = 1;
  std::string state;                          // "running", "done", "undone", "attention", "abandoned"
  std::string phase;                          // "running", "settling", "undoing", "attention", "ended"
  std::string status;
  std::int64_t started = 0;                   // the run
  std::int64_t since = 0;                     // of its last turn
  std::optional<std::int64_t> gives_up_at;
  std::int64_t open_steps = 0;
  std::int64_t turns = 0, bytes = 0;          // of the current run
  std::string reason;                         // of the error that it ended with, or of the last refused undo action
  // "payments.charge, event approval, timer". An event that it has asked for is named until it comes, also when its
  // function went on without it.
  std::string waiting_for;
  friend bool operator==(const saga_index_row&, const saga_index_row&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_index_row, (),
                      (id, run, version, state, phase, status, started, since, gives_up_at, open_steps, turns, bytes,
                       reason, waiting_for))

// A saga that has something to do.
struct saga_due {
  std::string id;
  std::int64_t at = 0;
  friend bool operator==(const saga_due&, const saga_due&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_due, (), (id, at))

// "orders.checkout" -> "saga_orders_checkout".
std::string saga_index_name(std::string_view saga);
void create_saga_index(view_writer& v);
// corrupt: a turn that does not decode.
result<done> apply_to_saga_index(view_writer& v, const recorded_event& e, timespan keep);

// Those with a timer that is due at `until`, or that give up then: the longest overdue first, after this one. A saga
// comes once for each of its timers.
std::vector<saga_due> sagas_due(view_reader& v, instant until, const saga_due& after, int most);
// Those with open steps, after this id, by id. `begun_too`: also those whose steps were all taken by other sagas, which
// bring the answers.
std::vector<std::string> sagas_with_open_steps(view_reader& v, const std::string& after, int most,
                                               bool begun_too = true);
// What a list can be of: a phase; how sagas ended; "living"; or "sleeping": running without open steps, so that it
// waits for events and timers only.
inline constexpr std::array<std::string_view, 10> saga_statuses{
    "living", "sleeping", "running", "settling", "undoing", "attention", "ended", "done", "undone", "abandoned"};
std::string saga_status_names();             // "living, sleeping, ..."
bool is_saga_status(std::string_view text);  // also of an empty one: all
// Which sagas to list; empty: all.
struct saga_filter {
  std::string id = {};
  std::string status = {};                    // is_saga_status()
  int version = 0;
  std::optional<instant> quiet_since = {};    // no turn since then
  std::string waiting_for = {};               // name of an operation or of an event, or "timer"
};
// By id, after this one.
std::vector<saga_index_row> list_sagas(view_reader& v, const saga_filter& f, const std::string& after, int most);
std::optional<saga_index_row> find_saga(view_reader& v, const std::string& id);
// Living sagas of each version, oldest turn first.
struct saga_version_count {
  int version = 1;
  std::int64_t sagas = 0;
  std::int64_t oldest = 0;                    // when its run began
};
BOOST_DESCRIBE_STRUCT(saga_version_count, (), (version, sagas, oldest))
std::vector<saga_version_count> living_versions(view_reader& v);
std::vector<int> indexed_versions(view_reader& v);  // also of ended sagas

// What a node reports of a kind of sagas.
struct saga_load {
  std::vector<saga_version_count> versions;   // living
  std::vector<int> indexed;                   // versions, also of ended sagas
  std::int64_t attention = 0;                 // alive, and waiting for an operator
  std::vector<std::string> in_attention;      // the first ones, longest first
  std::int64_t overdue = 0;                   // timers
};
saga_load saga_load_of(view_reader& v, instant now);

}  // namespace banyan
