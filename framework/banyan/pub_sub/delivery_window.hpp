// Which events of a subscription may be delivered now, pure: events of one key one after the other, different keys in parallel, at most
// `capacity` taken up at once; and the checkpoint, which is the position before the oldest event that is not acknowledged.
#pragma once

#include <banyan/journal/event.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace banyan {

class delivery_window {
 public:
  delivery_window(position checkpoint, std::size_t capacity) : checkpoint_{checkpoint}, read_to_{checkpoint}, capacity_{capacity} {}

  // Events must be added in the order of their positions. Returns true when this one may be delivered at once; otherwise it is handed out by
  // a later `acknowledge`.
  bool add(position at, std::string key);
  // Everything up to here has been read; what was not added does not concern this subscription.
  void read_to(position at);
  // The event is dealt with (handled, or dead-lettered). Returns the next one of its key, if one waits.
  std::optional<position> acknowledge(position at);

  std::size_t free_capacity() const { return capacity_ > open_.size() ? capacity_ - open_.size() : 0; }
  std::size_t open() const { return open_.size(); }
  position last_read() const { return read_to_; }
  position checkpoint() const { return checkpoint_; }

 private:
  void advance();
  position checkpoint_, read_to_;
  std::size_t capacity_;
  std::map<position, std::string> open_;                            // not yet acknowledged -> key
  std::unordered_map<std::string, std::deque<position>> by_key_;    // front: being delivered
};

}  // namespace banyan
