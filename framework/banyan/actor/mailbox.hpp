// An actor's mailbox: messages from any thread, taken out by the one worker that runs the actor. A lock-free stack (Treiber, 1986) that the
// reader empties in one step and turns around, so order is kept; the messages themselves are its nodes, so nothing is allocated.
//
// It also knows whether its reader sleeps: the push that finds it asleep is the one that must wake it, and there is exactly one such push.
#pragma once

#include <banyan/actor/message.hpp>

#include <atomic>

namespace banyan {

class mailbox {
 public:
  enum class pushed : std::uint8_t {
    queued,
    first,   // the reader slept: wake it
    closed,  // it will never be read; the caller still has the message
  };

  mailbox() = default;
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;
  ~mailbox() { close(); }

  // Any thread. The message must have one owner only, for it can be in one mailbox only.
  pushed push(message_ptr& m);

  // --- the reader's
  message_ptr pop();     // urgent ones first; empty when there is nothing
  bool try_sleep();     // false: something has arrived
  void close();         // destroys what is left, and thereby answers it

 private:
  struct list {
    message* first = nullptr;
    message* last = nullptr;
    void prepend(message* m);
    void append(list& other);
    message_ptr take();
  };
  void fetch();

  // The newest message, or one of these; a message is never at such an address.
  static constexpr std::uintptr_t empty = 0, asleep = 1, shut = 2;
  std::atomic<std::uintptr_t> top_{empty};
  std::atomic<bool> has_urgent_{false};
  list urgent_, normal_;
};

}  // namespace banyan
