// The port for what only a subscription's group knows, and its journal can not tell: how far the group is, where it
// began, the events that it gave up (dead letters), and counts of deliveries that did not go well. Engines: SQLite, in
// a file or in memory (engines/sqlite/delivery_store.hpp). All pass
// tests/conformance/delivery_store_conformance_test.cpp.
//
// Use it for what can not be rebuilt. What can be rebuilt from a journal belongs into a view_store
// (cqrs/view_store.hpp), which may be deleted.
//
// Guarantees every engine gives:
//   - a change is stored whole or not at all, and durable before it is acknowledged;
//   - the same change again changes nothing more, so that it may be repeated when its outcome is not known;
//   - one owner writes: whoever opens a store takes it over. What an earlier owner sends from then on (a crashed node
//     that is not quite dead, a second process) is refused, by a check inside the same transaction,
//   - nothing is dropped: not when the journal has another history than the checkpoint, and not when a file is damaged.
//
//   auto store = node.open<delivery_store>({.topic = "orders.placed", .group = "fulfilment"});
//   (*store)->open({info.history, info.head}, std::move(opened));   // checkpoint, counts, where it began
//   (*store)->commit({.checkpoint = 12, .given_up = {letter}}, std::move(committed));
//
// Answers come on a thread of the engine, or on the caller's before the call returns, each kind of request in its
// order. A full queue answers `exhausted`, a store that is being destroyed `unavailable`; in both cases nothing was
// done. A store is not destroyed from within an answer.
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

// The name of the store of a group: letters, digits, _ and -. Dots become _, so two groups may have one name;
// check_topics refuses them.
std::string delivery_store_name(const delivery_options& of);

// What is stored with one checkpoint. All of it is optional but the checkpoint. Done in the order of the members.
struct delivery_change {
  struct replayed {  // delivered again, in vain
    letter_place which;
    std::int64_t attempts = 0;
    std::string reason;
  };
  position checkpoint = 0;                 // everything up to here is dealt with. It may stay, and never goes back
  std::optional<position> began = {};      // a new group begins behind this position; kept, once it is stored
  std::vector<dead_letter> given_up = {};  // one that is there already stays as it is
  std::vector<replayed> kept = {};         // letters that stay, with new attempts and reason
  std::vector<letter_place> handled = {};  // letters that go
  std::vector<delivery_counts::row> counted = {};  // in the place of what is stored of these events
  std::vector<position> forgotten = {};            // their counts go; those up to the checkpoint go without being named
};

class delivery_store {
 public:
  using options = delivery_options;
  virtual ~delivery_store() = default;

  // The journal that the store is opened for, as its journal_info tells. The positions stored from then on are of this
  // history.
  struct source {
    journal_history history;
    position head = 0;
  };
  struct state {
    position checkpoint = 0;
    std::optional<position> began = {};             // nothing: the group never ran, or ran before this was noted
    std::vector<delivery_counts::row> counts = {};  // of events beyond the checkpoint, by position
    dead_letter_totals letters = {};
  };
  // Comes before the first change. Conflict with reason "another_history", and nothing is changed, when the checkpoint
  // is not of the source's history: beyond its head, or written by another epoch. Counts go beyond the checkpoint: when
  // the furthest of them is of another history, all are forgotten, since other events have those positions now.
  virtual void open(source of, completion<state> done) = 0;

  struct committed {
    position checkpoint = 0;
    std::optional<dead_letter_totals> letters = {};  // now; nothing: the change had none
  };
  // Errors: conflict with reason "store_not_open" or "store_taken"; invalid_argument (the checkpoint would go back).
  virtual void commit(delivery_change change, completion<committed> done) = 0;

  // An operator's order: the group goes on from `checkpoint`, before or after the stored one, whatever history that is
  // of. Counts are forgotten, letters stay. Nobody owns the store then; it is opened again before the next change.
  // Errors: invalid_argument (the journal has no such position).
  virtual void restart(source of, position checkpoint, completion<position> done) = 0;

  static constexpr std::size_t page = 10'000;  // letters of one list, at most
  // Reads need no owner, and see every change that was acknowledged before. A group that never ran has nothing.
  // Lists are without payloads, and with the first 1,000 characters of a reason. Errors: invalid_argument (`limit` is 1
  // to `page`).
  virtual void list(letter_place after, std::size_t limit, completion<std::vector<dead_letter>> done) = 0;
  virtual void find(position at, completion<std::vector<dead_letter>> done) = 0;  // all letters of a position, whole

  struct summary {
    position checkpoint = 0;
    dead_letter_totals letters = {};
  };
  virtual void summarize(completion<summary> done) = 0;

  // Why it does nothing any more, at once and from any thread: `corrupt`, reason "store_lost" when its file was removed
  // or replaced while it is open, any other when it is damaged. Every request is answered with it; the file stays as it
  // is, for an operator.
  virtual std::optional<error> trouble() const { return std::nullopt; }
};
// Errors of all requests: exhausted (queue or disk full), corrupt (see trouble()), unavailable, and unimplemented with
// reason "read_only": the store was opened for tools, beside its owner.

}  // namespace banyan
