// `topic<breaker_changed>`: the publishers' side of an in-process topic, whose events are not stored. Each event goes
// to the subscribers that the node has at that time (listens.hpp), at most once.
//
//   auto changes = topic_of<breaker_changed>(a, breakers_topic);  // at installation, from the assembly
//   if (!changes) return changes.error();
//   if (changes->has_subscribers()) changes->publish(what_has_changed());  // later, from any thread
//
// publish() never waits: each subscriber has a bounded queue of its own, and a slow one loses its oldest events
// (event_queue.hpp). All subscribers see the events in one order. Without subscribers it costs one atomic load, and
// has_subscribers() saves making the event.
//
// A topic is of one node, and of one type of event. Not for what must not be lost: that is stored, and followed by
// subscribes<...> (pub_sub/pub_sub.hpp).
#pragma once

#include <banyan/core/message_type.hpp>
#include <banyan/core/result.hpp>
#include <banyan/topic/event_queue.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace banyan {

class assembly;

// A topic without the type of its event. Thread-safe.
class topic_channel {
 public:
  explicit topic_channel(const message_type* event) : event_{event} {}
  const message_type* event() const { return event_; }
  bool has_subscribers() const noexcept { return has_subscribers_.load(std::memory_order_acquire); }
  void subscribe(std::shared_ptr<event_queue> queue);
  void fan_out(const shared_event& e) const;

 private:
  const message_type* const event_;
  std::atomic<bool> has_subscribers_{false};
  mutable std::mutex lock_;  // also makes one order of events that are published at the same time
  std::vector<std::shared_ptr<event_queue>> subscribers_;
};

// Cheap to copy; a default-constructed one has no subscribers.
template <class Event>
class topic {
 public:
  topic() = default;
  explicit topic(std::shared_ptr<topic_channel> channel) : channel_{std::move(channel)} {}

  bool has_subscribers() const noexcept { return channel_ && channel_->has_subscribers(); }
  void publish(Event e) const {
    if (has_subscribers()) channel_->fan_out(std::make_shared<const Event>(std::move(e)));
  }

 private:
  std::shared_ptr<topic_channel> channel_;
};

// The node's topic of this name; the first call makes it. Errors: invalid_argument when it is of another type.
result<std::shared_ptr<topic_channel>> open_topic(assembly& a, std::string_view name, const message_type* event);
template <class Event>
result<topic<Event>> topic_of(assembly& a, std::string_view name) {
  auto channel = open_topic(a, name, type_of<Event>());
  if (!channel) return channel.error();
  return topic<Event>{std::move(*channel)};
}

}  // namespace banyan
