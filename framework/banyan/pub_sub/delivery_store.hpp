// The delivery store port: the durable state of a consumer group that can not be derived from the journal. That is its
// checkpoint, where the group began, its dead letters (events given up), and the counts of failed deliveries. Engines:
// SQLite, in a file or in memory (engines/sqlite/delivery_store.hpp). All pass
// tests/conformance/delivery_store_conformance_test.cpp.
//
// For state that can not be rebuilt. What can be rebuilt from a journal belongs in a view_store (cqrs/view_store.hpp),
// which may be deleted.
//
// Guarantees of every engine:
//   - a change is atomic, and durable before it is acknowledged;
//   - one that only moves the checkpoint may be lost in a power cut, as if it had not been made, but not when the
//     process ends: the events are delivered again,
//   - a change is idempotent: it may be repeated when its outcome is unknown;
//   - single writer: opening a store takes over its ownership. Writes of an earlier owner (a node believed crashed, a
//     second process) are refused from then on, by a check in the same transaction,
//   - no data is dropped, neither when the journal has another history than the checkpoint nor when a file is damaged.
//
//   auto store = node.open<delivery_store>({.topic = "orders.placed", .group = "fulfilment"});
//   (*store)->open({info.history, info.head}, std::move(opened));   // checkpoint, counts, where it began
//   (*store)->commit({.checkpoint = 12, .given_up = {letter}}, std::move(committed));
//
// Answers arrive on a thread of the engine, or on the caller's before the call returns; those of one kind of request
// in the order of the requests. A full queue answers `exhausted`, a store being destroyed `unavailable`; nothing was
// done then. Do not destroy a store from within an answer.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/journal/journal_history.hpp>
#include <banyan/pub_sub/dead_letter.hpp>
#include <banyan/pub_sub/delivery_counts.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

struct delivery_options {
  std::string topic, group;  // topic names (topics.hpp)
};

// The name of a group's store: letters, digits, _ and -. Dots become _, so that two groups may get the same name;
// check_topics refuses those.
std::string delivery_store_name(const delivery_options& of);

// A change, stored atomically. Everything but the checkpoint is optional. Applied in the order of the members.
struct delivery_change {
  struct replayed {  // a replay that failed
    letter_place which;
    std::int64_t attempts = 0;
    std::string reason;
  };
  position checkpoint = 0;                 // all up to here is handled or dead-lettered; never goes back
  std::optional<position> began = {};      // a new group begins after this position; stored once, then kept
  std::vector<dead_letter> given_up = {};  // existing letters are left as they are
  std::vector<replayed> kept = {};         // replayed in vain: new attempts and reason
  std::vector<letter_place> handled = {};  // replayed with success: deleted
  std::vector<delivery_counts::row> counted = {};  // replaces the stored rows of these events
  std::vector<position> forgotten = {};            // deletes their rows; those up to the checkpoint are deleted anyway
};

class delivery_store {
 public:
  using options = delivery_options;
  virtual ~delivery_store() = default;

  // The journal that the store is opened for, as in its journal_info. Positions stored from then on are of this
  // history.
  struct source {
    journal_history history;
    position head = 0;
  };
  struct state {
    position checkpoint = 0;
    std::optional<position> began = {};             // none: the group never ran, or not since this is stored
    std::vector<delivery_counts::row> counts = {};  // of events beyond the checkpoint, by position
    dead_letter_totals letters = {};
  };
  // Required before the first change. Conflict with reason "another_history", and nothing is changed, when the
  // checkpoint is not of the source's history: beyond its head, or written by another epoch. Counts are of positions
  // beyond the checkpoint: when the last of these is of another history, all counts are deleted, since other events
  // now have those positions.
  virtual void open(source of, completion<state> done) = 0;

  struct committed {
    position checkpoint = 0;
    std::optional<dead_letter_totals> letters = {};  // totals after the change; none: it had no letters
  };
  // Errors: conflict with reason "store_not_open" or "store_taken"; invalid_argument (the checkpoint would go back).
  virtual void commit(delivery_change change, completion<committed> done) = 0;

  // Reset by an operator: the group continues from `checkpoint`, before or after the stored one, whichever history
  // that is of. Counts are deleted, letters kept. The store has no owner afterwards; open it again before the next
  // change. Errors: invalid_argument (the journal has no such position).
  virtual void restart(source of, position checkpoint, completion<position> done) = 0;

  static constexpr std::size_t page = 10'000;  // maximum of letters in a list
  // Reads need no ownership, and see every change acknowledged before. A group that never ran has no data. Lists omit
  // payloads, and have the first 1,000 characters of a reason. Errors: invalid_argument (`limit` must be 1 to `page`).
  virtual void list(letter_place after, std::size_t limit, completion<std::vector<dead_letter>> done) = 0;
  virtual void find(position at, completion<std::vector<dead_letter>> done) = 0;  // all letters of the position, whole

  struct summary {
    position checkpoint = 0;
    dead_letter_totals letters = {};
  };
  virtual void summarize(completion<summary> done) = 0;

  // Why the store is out of service, immediate and thread-safe: `corrupt`, with reason "store_lost" when its file was
  // removed or replaced while open, any other reason when it is damaged. Every request is answered with it; the file
  // is left as it is, for an operator.
  virtual std::optional<error> trouble() const { return std::nullopt; }
};
// Errors of all requests: exhausted (queue or disk full), corrupt (see trouble()), unavailable, and unimplemented with
// reason "read_only": the store was opened for tools, beside its owner.

}  // namespace banyan
