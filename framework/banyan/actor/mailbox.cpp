#include <banyan/actor/mailbox.hpp>

namespace banyan {

mailbox::pushed mailbox::push(message_ptr& l) {
  auto* node = &*l;
  const bool urgent = node->urgent;
  auto top = top_.load(std::memory_order_relaxed);
  do {
    if (top == shut) return pushed::closed;
    node->next_ = top == idle ? nullptr : reinterpret_cast<message*>(top);
  } while (!top_.compare_exchange_weak(top, reinterpret_cast<std::uintptr_t>(node), std::memory_order_acq_rel, std::memory_order_relaxed));
  (void)l.release();
  // After the push: a reader that sees it finds the message.
  if (urgent) has_urgent_.store(true, std::memory_order_release);
  return top == idle ? pushed::first : pushed::queued;
}

message_ptr mailbox::pop() {
  if (has_urgent_.load(std::memory_order_relaxed)) {
    has_urgent_.store(false, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    fetch();
  } else if (!normal_.first && !urgent_.first) {
    fetch();
  }
  return urgent_.first ? urgent_.take() : normal_.take();
}

bool mailbox::try_sleep() {
  if (urgent_.first || normal_.first) return false;
  auto expected = empty;
  return top_.compare_exchange_strong(expected, idle, std::memory_order_acq_rel);
}

void mailbox::close() {
  for (;;) {
    while (auto l = pop()) {
    }
    auto expected = empty;
    if (top_.compare_exchange_strong(expected, shut, std::memory_order_acq_rel) || expected == shut) return;
    if (expected == idle && top_.compare_exchange_strong(expected, shut, std::memory_order_acq_rel)) return;
  }
}

void mailbox::fetch() {
  auto top = top_.load(std::memory_order_relaxed);
  if (top == empty || top == idle || top == shut) return;
  top = top_.exchange(empty, std::memory_order_acq_rel);
  list urgent, normal;
  for (auto* l = reinterpret_cast<message*>(top); l;) {
    auto* next = l->next_;
    (l->urgent ? urgent : normal).prepend(l);
    l = next;
  }
  urgent_.append(urgent);
  normal_.append(normal);
}

void mailbox::list::prepend(message* l) {
  l->next_ = first;
  first = l;
  if (!last) last = l;
}

void mailbox::list::append(list& other) {
  if (!other.first) return;
  (last ? last->next_ : first) = other.first;
  last = other.last;
}

message_ptr mailbox::list::take() {
  auto* l = first;
  if (!l) return {};
  first = l->next_;
  if (!first) last = nullptr;
  return message_ptr{l};
}

}  // namespace banyan
