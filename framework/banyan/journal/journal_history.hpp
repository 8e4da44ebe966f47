// The history of a journal: which opening of it wrote which positions. It tells whether a position that somebody remembers (a view's
// checkpoint, a subscription's, a client's token) belongs to the journal at hand, or to another one that was in its place: an older copy
// that was restored, a file whose tail the disk lost, a copy taken while the original went on. After Kafka's leader epochs (KIP-101).
//
// Every opening for writing begins an epoch: a random id, and the first position that it may write. The id is stored in the journal in the
// same transaction as the first event under it. So two journals that both have position p from epoch e are equal up to p, and whatever was
// written after they parted is of epochs that the other one does not have, or of positions that the epoch does not reach there.
//
// Use it with journal_info::history. Do not use it to order positions, or to find out who wrote: an epoch is an identity, nothing more.
//
//   const auto remembered = before.history.mark(position);            // {position, the epoch that wrote it}: store both
//   if (!now.history.contains(remembered, now.head)) ...              // another history: what follows from it can not be gone on with
#pragma once

#include <banyan/journal/event.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace banyan {

struct journal_epoch {
  position begins = 1;  // the first position that it may write
  uuid id;
  friend bool operator==(const journal_epoch&, const journal_epoch&) = default;
};

// A position and the epoch that wrote it. Nothing was written at 0, whose epoch means nothing: it is of every history.
struct epoch_position {
  position at = 0;
  uuid epoch = {};
  friend bool operator==(const epoch_position&, const epoch_position&) = default;
};

// A value; copies share their epochs.
class journal_history {
 public:
  // Epochs that are remembered. One more forgets the oldest, whose positions are of no known epoch from then on: who has stopped at such a
  // position is treated as of another history (a view is built anew, a token refused, a subscription waits for an operator).
  static constexpr std::size_t max_epochs = 10'000;

  journal_history() = default;  // nothing was written yet
  // One epoch from the first position on: a journal from before there were epochs, whose incarnation stands for it.
  explicit journal_history(const uuid& only) : journal_history{std::vector{journal_epoch{1, only}}} {}
  // In the order in which they began. One that begins where another does had written nothing: only the later of them counts.
  explicit journal_history(std::vector<journal_epoch> epochs);

  // The journal is opened for writing when `head` is its last position.
  journal_history opened(const uuid& epoch, position head) const;

  const std::vector<journal_epoch>& epochs() const;
  uuid epoch_of(position at) const;  // nil: none that is known
  epoch_position mark(position at) const { return {at, epoch_of(at)}; }

  // Was `p` written in this history, whose last position is `head`? Then everything up to it is the same.
  bool contains(const epoch_position& p, position head) const;

 private:
  std::shared_ptr<const std::vector<journal_epoch>> epochs_;
};

}  // namespace banyan
