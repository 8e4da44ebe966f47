// An actor while it is down: stashed messages and refused requests.
#include <banyan/actor/control.hpp>
#include <banyan/actor/host_parts.hpp>
#include <banyan/actor/system.hpp>

#include <algorithm>
#include <utility>

namespace banyan {

void actor_host::is_down() {
  auto& d = down();
  d.resumes_at = monotonic::max();
  if (d.since != monotonic::max()) return;  // a failed restart
  d.since = steady();
  d.has_overflowed = false;
}

void actor_host::stash(message_ptr m) {
  auto& d = down();
  const auto is_full = [&] { return d.stash.size() >= options().stash_limit; };
  if (const auto now = steady(); is_full() && (d.first_expiry <= now || d.next_look <= now)) {
    // Requests that were given up or cancelled make room.
    d.first_expiry = monotonic::max();
    d.next_look = add_saturating(now, std::chrono::milliseconds{100});
    std::erase_if(d.stash, [this, now, &d](const message_ptr& s) {
      if (s->kind != message_kind::request) return false;
      if (s->context && is_given_up(*s->context)) {
        drop_cancelled(*s);
        return true;
      }
      if (s->deadline > now) {
        d.first_expiry = std::min(d.first_expiry, s->deadline);
        return false;
      }
      s->fail({code::deadline_exceeded, "the deadline had passed before work began"});
      return true;
    });
  }
  if (is_full()) {
    turn_away(*m);
    return;
  }
  if (m->kind == message_kind::request) d.first_expiry = std::min(d.first_expiry, m->deadline);
  d.stash.push_back(std::move(m));
}

void actor_host::turn_away(message& m) {
  if (m.kind == message_kind::request) {
    system_.refused_.fetch_add(1, std::memory_order_relaxed);
    using std::chrono::milliseconds;
    const auto at = resumes_at();
    const auto left = at != monotonic::max() ? std::chrono::ceil<milliseconds>(at - steady()) : milliseconds{100};
    m.fail(error{code::unavailable, "restarting"}.because("restarting").after(std::max(left, milliseconds{1})));
  } else {
    system_.lost_.fetch_add(1, std::memory_order_relaxed);
  }
  if (!std::exchange(down().has_overflowed, true))
    notify(actor_event_kind::overflowed,
         {code::exhausted, "more than " + std::to_string(options().stash_limit) + " messages wait for its restart"},
         std::string{m.type->name});
}

}  // namespace banyan
