// The history of a journal: which opening wrote which positions. It tells whether a remembered position (a view's
// checkpoint, a subscription's, a client's token) belongs to the present journal, or to one that it has replaced: an
// older backup was restored, the disk lost the tail of the file, a copy was taken while the original went on. After
// Kafka's leader epochs (KIP-101).
//
// Every opening for writing begins an epoch: a random id, and the first position that it may write. The id is stored
// in the transaction of its first event. So two journals that both have position p from epoch e are equal up to p.
// Whatever they wrote after they diverged has epochs that the other does not have, or positions that the epoch does
// not reach there.
//
// Use it with journal_info::history. An epoch is an identity: it does not order positions, and does not name a
// writer.
//
//   const auto remembered = before.history.mark(position);  // {position, the epoch that wrote it}: store both
//   if (!now.history.contains(remembered, now.head)) ...    // another history: do not continue from it
#pragma once

#include <banyan/journal/event.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace banyan {

struct journal_epoch {
  position begins = 1;  // its first position
  uuid id;
  friend bool operator==(const journal_epoch&, const journal_epoch&) = default;
};

// A position and the epoch that wrote it. Position 0 (nothing written) belongs to every history.
struct epoch_position {
  position at = 0;
  uuid epoch = {};
  friend bool operator==(const epoch_position&, const epoch_position&) = default;
};

// A value; copies share their data.
class journal_history {
 public:
  // Limit of epochs. Beyond it the oldest is forgotten, and a position of a forgotten epoch counts as another
  // history's (a view is rebuilt, a token refused, a subscription waits for an operator).
  static constexpr std::size_t max_epochs = 10'000;

  journal_history() = default;  // empty journal
  // One epoch from the first position on: a journal of the format before epochs, with its incarnation as id.
  explicit journal_history(const uuid& only) : journal_history{std::vector{journal_epoch{1, only}}} {}
  // In ascending order. Of epochs with the same begin only the last counts: the earlier ones wrote nothing.
  explicit journal_history(std::vector<journal_epoch> epochs);

  // The history after opening for writing at last position `head`.
  journal_history opened(const uuid& epoch, position head) const;

  const std::vector<journal_epoch>& epochs() const;
  uuid epoch_of(position at) const;  // nil: unknown
  epoch_position mark(position at) const { return {at, epoch_of(at)}; }

  // Whether this history, with last position `head`, wrote `p`. Then all events up to it are the same.
  bool contains(const epoch_position& p, position head) const;

 private:
  std::shared_ptr<const std::vector<journal_epoch>> epochs_;
};

}  // namespace banyan
