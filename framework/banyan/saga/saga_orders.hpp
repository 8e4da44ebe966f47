// Orders to a saga from outside. An order goes to the saga's actor, which answers it when the turn that it led to
// is stored; a repeat of its command id gets the first answer.
//
//   saga_order order{.what = saga_command::cancel, .id = "o17", .because = "the customer left", .by = "ann"};
//
// Errors: not_found "no_such_saga", "no_such_undo", "not_outstanding" (an answer that nobody waits for); conflict
// "saga_started" (with another input), "saga_ended", "too_late", "already_stopped", "nothing_to_retry",
// "already_undone"; exhausted "too_many_unread", or when too many orders wait; unavailable "saga_blocked"; those of the
// journal.
#pragma once

#include <banyan/saga/record.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

// The turn that an order led to; 0: none (a retry).
struct saga_receipt {
  int run = 1;
  int turn = 0;
  friend bool operator==(const saga_receipt&, const saga_receipt&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_receipt, (), (run, turn))

enum class saga_command : std::uint8_t {
  start,    // payload: the input. The same input again is the same start
  receive,  // name, payload: an event
  cancel,   // because, by
  abort,    // because, by: undone from the record, also when its code is blocked or gone
  retry,    // because, by: a blocked saga is built again, open steps are asked at once, refused undo actions again
  undone,   // number, because, by: an undo action was done by hand; the number is its own, or that of its step
  answer,   // number, payload: the outcome of a step, {"ok":...} or {"error":...}, by the saga that has taken it, or by
            // a person who has found it out
};
BOOST_DESCRIBE_ENUM(saga_command, start, receive, cancel, abort, retry, undone, answer)

struct saga_order {
  using reply = saga_receipt;
  saga_command what = saga_command::start;
  std::string id = {};  // of the saga
  std::string name = {};
  nested_json payload = {};
  std::string because = {};
  std::string by = {};  // who caused it; empty: the caller's identity
  int number = 0;       // undone, answer: of the undo action or step
  uuid command = {};    // answer: of the step; nil: whatever it was
};
BOOST_DESCRIBE_STRUCT(saga_order, (), (what, id, name, payload, because, by, number, command))

// The orders of one saga's function: a message type of its own, by which the node finds the saga's shards.
template <auto Function>
struct saga_order_for {
  using reply = saga_receipt;
  saga_order order;
};

// A step or an undo action without a recorded answer.
struct saga_open_step {
  int number = 0;
  std::string operation;
  uuid command;
  int attempts = 0;                 // of this activation
  std::optional<error> last_error;  // of the last attempt
  bool begun = false;               // another saga has taken it, and will bring its answer
  bool needs_attention = false;     // it is not asked any more, and a person must find out its outcome; why: last_error
};
BOOST_DESCRIBE_STRUCT(saga_open_step, (), (number, operation, command, attempts, last_error, begun, needs_attention))

// An undo action that was refused, and that an operator has to settle.
struct saga_refused_undo {
  int number = 0;
  int of = 0;  // the step; 0: of an earlier run
  std::string operation;
  nested_json arguments;
  error why;
};
BOOST_DESCRIBE_STRUCT(saga_refused_undo, (), (number, of, operation, arguments, why))

// A saga as people see it.
struct saga_description {
  std::string saga, id;
  int version = 0, run = 0, turns = 0;
  std::int64_t bytes = 0;                  // of the run's turns
  std::string phase;                       // running, settling, undoing, attention, ended
  std::string status;                      // as its code said
  std::optional<std::string> blocked;      // why it takes no notification
  std::string blocked_by;                  // mismatch, defect, unknown_version, too_long; empty: it is not blocked
  instant since;                           // of the last turn
  std::optional<instant> due;              // of its next timer, or when it gives up
  std::vector<saga_open_step> open_steps;
  std::vector<std::string> waiting_for;    // "event approval", "timer 7", "payments.charge"
  std::vector<saga_undo> to_undo;          // what would be undone, or is to be undone still; last applied first
  std::vector<saga_refused_undo> refused;
  std::vector<saga_unread> unread;
  std::optional<saga_ending> ending;
};
BOOST_DESCRIBE_STRUCT(saga_description, (),
                      (saga, id, version, run, turns, bytes, phase, status, blocked, blocked_by, since, due, open_steps,
                       waiting_for, to_undo, refused, unread, ending))

// Errors: not_found "no_such_saga"; corrupt.
struct describe_saga {
  using reply = saga_description;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(describe_saga, (), (id))

// Activates a saga that has something to do: its open steps are asked, its due timers fire.
struct wake_saga {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(wake_saga, (), (id))

}  // namespace banyan
