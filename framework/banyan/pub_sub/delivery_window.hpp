// The delivery window of a subscription: which events may be delivered now, in order per key, different keys in
// parallel, at most `capacity` events open at once; and the checkpoint, the position before the oldest open event.
// Pure.
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

  // Adds an event; in the order of positions. True: it may be delivered now. False: a later `acknowledge` returns it.
  bool add(position at, std::string key);
  // Everything up to here was read; events that were not added are not for this subscription.
  void read_to(position at);
  // The event is handled or dead-lettered. Returns the next event of its key, if one waits.
  std::optional<position> acknowledge(position at);

  std::size_t free_capacity() const { return capacity_ > open_.size() ? capacity_ - open_.size() : 0; }
  std::size_t open() const { return open_.size(); }
  position last_read() const { return read_to_; }
  position checkpoint() const { return checkpoint_; }

 private:
  void advance();
  position checkpoint_, read_to_;
  std::size_t capacity_;
  std::map<position, std::string> open_;                            // open: not yet acknowledged -> key
  std::unordered_map<std::string, std::deque<position>> by_key_;    // front: being delivered
};

}  // namespace banyan
