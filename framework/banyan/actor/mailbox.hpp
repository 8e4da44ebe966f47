// An actor's mailbox: letters from any thread, taken out by the one worker that runs the actor. A lock-free stack (Treiber, 1986) that the
// reader empties in one step and turns around, so order is kept; the letters themselves are its nodes, so nothing is allocated.
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
    closed,  // it will never be read; the caller still has the letter
  };

  mailbox() = default;
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;
  ~mailbox() { close(); }

  // Any thread. The letter must have one owner only, for it can be in one mailbox only.
  pushed push(letter_ptr& l);

  // --- the reader's
  letter_ptr pop();     // urgent ones first; empty when there is nothing
  bool try_sleep();     // false: something has arrived
  void close();         // destroys what is left, and thereby answers it

 private:
  struct list {
    letter* first = nullptr;
    letter* last = nullptr;
    void prepend(letter* l);
    void append(list& other);
    letter_ptr take();
  };
  void fetch();

  // The newest letter, or one of these; a letter is never at such an address.
  static constexpr std::uintptr_t empty = 0, asleep = 1, shut = 2;
  std::atomic<std::uintptr_t> top_{empty};
  std::atomic<bool> has_urgent_{false};
  list urgent_, normal_;
};

}  // namespace banyan
