// An actor while it is down: what it keeps, and whom it must turn away.
#include <banyan/actor/control.hpp>
#include <banyan/actor/system.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

void actor_host::is_down() {
  resumes_at_ = monotonic::max();
  if (down_since_ != monotonic::max()) return;  // it could not start again
  down_since_ = steady();
  has_overflowed_ = false;
}

void actor_host::stash(message_ptr m) {
  if (const auto now = steady(); stash_.size() >= options_.stash_limit && (first_expiry_ <= now || next_look_ <= now)) {
    // Those whose askers have given up, or are gone, make room.
    first_expiry_ = monotonic::max();
    next_look_ = add_saturating(now, std::chrono::milliseconds{100});
    std::erase_if(stash_, [this, now](const message_ptr& s) {
      if (s->kind != message_kind::request) return false;
      if (s->context && is_given_up(*s->context)) {
        drop_cancelled(*s);
        return true;
      }
      if (s->deadline > now) {
        first_expiry_ = std::min(first_expiry_, s->deadline);
        return false;
      }
      s->fail({code::deadline_exceeded, "the deadline had passed before work began"});
      return true;
    });
  }
  if (stash_.size() >= options_.stash_limit) {
    turn_away(*m);
    return;
  }
  if (m->kind == message_kind::request) first_expiry_ = std::min(first_expiry_, m->deadline);
  stash_.push_back(std::move(m));
}

void actor_host::turn_away(message& m) {
  if (m.kind == message_kind::request) {
    system_.refused_.fetch_add(1, std::memory_order_relaxed);
    const auto known = resumes_at_ != monotonic::max();
    const auto left = known ? std::chrono::ceil<std::chrono::milliseconds>(resumes_at_ - steady()) : std::chrono::milliseconds{100};
    m.fail(error{code::unavailable, "restarting"}.because("restarting").after(std::max(left, std::chrono::milliseconds{1})));
  } else {
    system_.lost_.fetch_add(1, std::memory_order_relaxed);
  }
  if (!std::exchange(has_overflowed_, true))
    notify(actor_event_kind::overflowed,
         {code::exhausted, "more than " + std::to_string(options_.stash_limit) + " messages wait for its restart"},
         std::string{m.type->name});
}

}  // namespace banyan
