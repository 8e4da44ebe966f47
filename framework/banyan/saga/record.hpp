// What a saga stores: one event per turn. A turn is one notification (what happened to the saga) and all requests that
// it led to (what the saga wants). The stream of these events is all that is needed to go on after a crash.
//
//   {"turn":5,"now":"2026-01-01T00:00:04.219Z",
//    "because":{"kind":"answered","number":5,"payload":{"ok":{"charge":"ch-17","needs_approval":false}}},
//    "then":[{"kind":"pivot","number":6},
//            {"kind":"step","number":7,"name":"orders.confirm_order","arguments":{"id":"o17"},
//             "command":"20c877b9-59f4-8d58-bfb6-2257d989e933"}]}
//
// Arguments, payloads and results are nested JSON values; empty members are left out. They are stored, not only their
// hash: people read them, undo works without the saga's code, and a replay compares by meaning.
#pragma once

#include <banyan/core/error.hpp>
#include <banyan/core/ids.hpp>
#include <banyan/core/time.hpp>
#include <banyan/journal/event.hpp>
#include <banyan/saga/nested_json.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

// What happens to a saga.
enum class saga_notice : std::uint8_t {
  started,      // payload: the input
  answered,     // a step or an undo action, by number; payload: {"ok":...} or {"error":...}
  fired,        // a timer, by number
  received,     // an event, by name; payload: the event
  cancelled,    // payload: {"error":...}, which waits and new steps end with
  out_of_time,  // as cancelled, when give_up_at has passed
  aborted,      // by an operator: undone from the record, without the saga's code; payload: {"error":...}
  retried,      // by an operator: refused undo actions are asked again; payload: {"because":...}
  undone,       // by an operator: the undo action `number` was done by hand; payload: {"because":...}
  begun,        // a step, by number: another saga has taken it, and will bring its answer when it ends
};
BOOST_DESCRIBE_ENUM(saga_notice, started, answered, fired, received, cancelled, out_of_time, aborted, retried, undone,
                    begun)

// What a saga asks for.
enum class saga_wish : std::uint8_t {
  step,       // an operation, asked again with the same command id until its outcome is known
  timer,      // due at an instant
  event,      // the next one of a name
  value,      // a value from outside, computed once
  publish,    // a domain event, stored with the turn
  pivot,      // from here on nothing is undone
  undo,       // an operation that takes back the step `of`
  drop_timer, // the timer `of` is not wanted any more
  status,     // a text for people, without a number
};
BOOST_DESCRIBE_ENUM(saga_wish, step, timer, event, value, publish, pivot, undo, drop_timer, status)

enum class saga_outcome : std::uint8_t {
  done,       // its function returned a value
  undone,     // it failed, and all that was applied was taken back
  attention,  // it failed after its pivot, where nothing is taken back: a person must decide
  abandoned,  // aborted after its pivot
  again,      // it goes on as a new run, with a new log
};
BOOST_DESCRIBE_ENUM(saga_outcome, done, undone, attention, abandoned, again)

// How a step is taken back: an operation and its arguments, recorded before the step leaves.
struct saga_undo {
  static constexpr auto required_fields = fields("operation", "arguments");
  std::string operation;  // wire name, "inventory.release_stock"
  int version = 1;        // of the operation
  nested_json arguments;
  uuid command = {};      // of an operation with a key of its own; nil: derived when it is asked
  friend bool operator==(const saga_undo&, const saga_undo&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_undo, (), (operation, version, arguments, command))

struct saga_request {
  static constexpr auto required_fields = fields("kind");
  saga_wish kind = saga_wish::step;
  int number = 0;                   // within the run, from 1; what answers refer to. A status has none
  std::string name;                 // wire name of an operation, stored name of a published event, name of an event or
                                    // value, text of a status
  int version = 1;                  // of the operation or of the published event
  nested_json arguments;            // the request, the published event, the value
  uuid command;                     // step, undo: the command id, the same whenever it is asked
  int of = 0;                       // undo: the step; drop_timer: the timer
  std::optional<saga_undo> undo;    // step
  std::optional<instant> due;       // timer
  std::optional<error> refused;     // it was not begun, because of a limit; the saga got this error
  friend bool operator==(const saga_request&, const saga_request&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_request, (), (kind, number, name, version, arguments, command, of, undo, due, refused))

struct saga_notification {
  static constexpr auto required_fields = fields("kind");
  saga_notice kind = saga_notice::started;
  int number = 0;       // answered, fired, undone, begun: of the request
  std::string name;     // received: of the event
  uuid id;              // of the command or event that brought it
  nested_json payload;
  std::string by;       // who caused it, if a person or another service did
  friend bool operator==(const saga_notification&, const saga_notification&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_notification, (), (kind, number, name, id, payload, by))

// An event that was received and not taken yet; taken over by the next run.
struct saga_unread {
  std::string name;
  nested_json payload;
  friend bool operator==(const saga_unread&, const saga_unread&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_unread, (), (name, payload))

// Who waits for the end: the step of another saga.
struct saga_parent {
  std::string saga;
  std::string id;
  int run = 1;
  int number = 0;
  uuid command = {};  // of the step
  int depth = 1;  // how many sagas wait for one another: 1 when nobody waits for the parent
  friend bool operator==(const saga_parent&, const saga_parent&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_parent, (), (saga, id, run, number, command, depth))

// What is fixed for a whole run; stored with its first turn.
struct saga_head {
  static constexpr auto required_fields = fields("saga", "id", "version");
  std::string saga;                   // stored name, "orders.checkout"
  std::string id;                     // unique for the saga's name
  int version = 1;                    // of the function, as the service declares it
  int run = 1;
  std::string input_type;
  std::string build;                  // of the program that began it; for people
  std::optional<instant> give_up_at;
  std::vector<saga_unread> unread;    // from the run before, in order
  std::vector<saga_undo> undo;        // likewise; first applied first
  std::optional<saga_parent> reply_to;
  friend bool operator==(const saga_head&, const saga_head&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_head, (), (saga, id, version, run, input_type, build, give_up_at, unread, undo, reply_to))

struct saga_ending {
  static constexpr auto required_fields = fields("how", "result");
  saga_outcome how = saga_outcome::done;
  nested_json result;                 // {"ok":...} or {"error":...}; again: {"again":the next input}
  friend bool operator==(const saga_ending&, const saga_ending&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_ending, (), (how, result))

struct saga_turned {
  static constexpr stored_as stored{"saga.turned", 1};
  static constexpr auto required_fields = fields("turn", "now", "because");
  int turn = 0;                           // 1, 2, ... within the run
  std::optional<saga_head> head;          // of the first turn
  instant now;                            // never before that of the turn before
  saga_notification because;
  std::vector<saga_request> then;
  std::optional<nested_json> returned;    // the function's result, when steps or undo actions are still open
  std::optional<saga_ending> end;
  friend bool operator==(const saga_turned&, const saga_turned&) = default;
};
BOOST_DESCRIBE_STRUCT(saga_turned, (), (turn, head, now, because, then, returned, end))

template <> struct codec<saga_undo> : detail::sparse_codec<saga_undo> {};
template <> struct codec<saga_request> : detail::sparse_codec<saga_request> {};
template <> struct codec<saga_notification> : detail::sparse_codec<saga_notification> {};
template <> struct codec<saga_head> : detail::sparse_codec<saga_head> {};
template <> struct codec<saga_ending> : detail::sparse_codec<saga_ending> {};
template <> struct codec<saga_turned> : detail::sparse_codec<saga_turned> {};

// The base of all ids of a run: commands of its steps, new_id(). Another run has other ids.
uuid saga_run_id(const saga_head& head);

// The id of a turn's event. It covers the payload: the same turn with the same content is one event, with another
// content it is a conflict.
uuid saga_event_id(const uuid& run_id, int turn, std::string_view payload);

// {"ok":...} and {"error":...}, as answers, endings and stored replies look.
template <class T>
nested_json saga_ok(const T& value) {
  return {R"({"ok":)" + to_json(value) + "}"};
}
nested_json saga_error(const error& why);

// The error in one of them; nothing: it is ok. corrupt: it is neither.
std::optional<error> error_in(const nested_json& answer);
// The same of an answer that stands in a record or was made by saga_ok(), of which it is known that it is one of them:
// one that is ok is not decoded.
std::optional<error> error_in_known(const nested_json& answer);

// A stored turn. Errors: those of from_json<saga_turned>, which gives the same and takes longer.
result<saga_turned> read_turn(std::string_view payload);
// What a stored turn came of, without reading all of it. Nothing: it does not decode.
std::optional<saga_notice> notice_of_turn(std::string_view payload);

// Notifications.
// `command`, when given, is that of the request, so that a late answer to an earlier run is not taken for one to this
// run; it is not stored.
saga_notification saga_answer(int number, nested_json answer, const uuid& command = {});
saga_notification saga_fired(int number);
saga_notification saga_begun(int number);
saga_notification saga_event(std::string name, nested_json event, const uuid& id = {});
saga_notification saga_cancelled(std::string_view because, std::string by = {});   // refused, "saga_cancelled"
saga_notification saga_out_of_time();  // deadline_exceeded, "saga_out_of_time"
saga_notification saga_aborted(std::string_view because, std::string by = {});     // refused, "saga_aborted"
saga_notification saga_retried(std::string_view because, std::string by = {});
// `number`: of the undo request, or of the step that it takes back.
saga_notification saga_undone_by_hand(int number, std::string_view because, std::string by = {});

}  // namespace banyan
