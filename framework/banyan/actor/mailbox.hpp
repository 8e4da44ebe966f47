// An actor's mailbox: any thread pushes, the one worker that runs the actor pops. A lock-free stack (Treiber, 1986)
// that the reader takes whole and reverses, so order is kept. The messages are its nodes: pushing allocates nothing.
//
// It also holds the reader's sleep state: exactly one push finds the reader idle, and that one must schedule it.
#pragma once

#include <banyan/actor/message.hpp>

#include <atomic>

namespace banyan {

class mailbox {
 public:
  enum class pushed : std::uint8_t {
    queued,
    first,   // the reader was idle: the caller must wake it
    closed,  // the mailbox is closed; the caller keeps the message
  };

  mailbox() = default;
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;
  ~mailbox() { close(); }

  // Any thread. `m` must have no other owner: it can be in one mailbox only.
  pushed push(message_ptr& m);

  // --- reader only
  message_ptr pop();     // urgent messages first; null when empty
  bool try_sleep();     // false: a message has arrived
  void close();         // destroys the remaining messages, which answers the requests among them

 private:
  struct list {
    message* first = nullptr;
    message* last = nullptr;
    void prepend(message* m);
    void append(list& other);
    message_ptr take();
  };
  void fetch();

  // The newest message, or one of these states, which are no address of a message.
  static constexpr std::uintptr_t empty = 0, idle = 1, shut = 2;
  std::atomic<std::uintptr_t> top_{empty};
  std::atomic<bool> has_urgent_{false};
  list urgent_, normal_;
};

}  // namespace banyan
