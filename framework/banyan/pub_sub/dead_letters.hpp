// The tables in which a subscription keeps what a journal can not tell: events that were given up, counts of
// deliveries that did not go well, and where the group began. Beside its checkpoint, in the same transactions.
//
// They can not be rebuilt. Their store is opened with view_options::rebuildable = false: it is never deleted when
// damaged.
#pragma once

#include <banyan/cqrs/view_store.hpp>
#include <banyan/pub_sub/delivery_counts.hpp>

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <vector>

namespace banyan {

// An event that was given up. When an older copy of the journal was restored, another event may have its position now, and be given up as
// well: a letter is known by the position and the event's id.
struct dead_letter {
  banyan::position position = 0;
  std::string event;  // its id; empty: stored by a version that did not keep it
  std::string stream, type, payload;
  std::int64_t attempts = 0;  // with those of replays
  std::string reason;         // of the last one
  friend bool operator==(const dead_letter&, const dead_letter&) = default;
};
BOOST_DESCRIBE_STRUCT(dead_letter, (), (position, event, stream, type, payload, attempts, reason))

namespace delivery_tables {

void create(view_writer& v);  // those that are not there, and those of an older version anew with what is in them

// Where letters stand in a list: by position, and those of one position by event.
struct letter_place {
  position at = 0;
  std::string event = {};
};

void add(view_writer& v, const dead_letter& d);  // one that is there already stays as it is
void change(view_writer& v, const letter_place& which, std::int64_t attempts, const std::string& reason);
void remove(view_writer& v, const letter_place& which);
// Without payloads, which together may be more than one statement finds, and with the beginning of a long reason. Also from a store of an
// older version.
std::vector<dead_letter> list(view_reader& v, const letter_place& after, std::size_t limit);
std::vector<dead_letter> find(view_reader& v, position at);  // whole
std::int64_t count(view_reader& v);

void store(view_writer& v, const delivery_counts::row& r);
std::vector<delivery_counts::row> counts(view_reader& v, position after);
void forget_count(view_writer& v, position at);
void forget_counts_to(view_writer& v, position checkpoint);
void forget_all_counts(view_writer& v);

// Counts go beyond the checkpoint, so that they may be of events that were there before an older copy of the journal was restored, also when
// the checkpoint is not. The furthest position that was counted is therefore kept with its epoch.
void note_furthest(view_writer& v, const epoch_position& counted);
void forget_foreign_counts(view_writer& v, const journal_history& history, position head);

// The position behind which the group began; nothing when it never ran.
std::optional<position> beginning(view_reader& v);
void began(view_writer& v, position after);

}  // namespace delivery_tables
}  // namespace banyan
