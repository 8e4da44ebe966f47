// The end of an actor: ordered by others or by itself, children first.
#include <banyan/actor/control.hpp>
#include <banyan/actor/host_parts.hpp>
#include <banyan/actor/system.hpp>

#include <utility>

namespace banyan {

namespace {
template <class Report>
void tell(const address& supervisor, Report report) {
  if (supervisor) deliver(supervisor, make_message<Report>(std::move(report)));
}
}  // namespace

void actor_host::ask_to_end(goal g) {
  if (phase_ == phase::ending || phase_ == phase::stopped || asked_ == goal::stop) return;
  asked_ = g;
  if (phase_ == phase::down) {
    wish_ = g;
    return;
  }
  try {
    actor_->asked_to_end(g == goal::suspend ? ending::suspend : ending::stop);
  } catch (...) {
    wish_ = g;  // an exception in stopping() is ignored: there is nobody to report to
  }
}

void actor_host::end() { wish_ = asked_ == goal::none ? goal::stop : asked_; }

void actor_host::stop(exit_reason why) {
  down().why = std::move(why);
  if (asked_ != goal::none)
    wish_ = asked_;
  else
    wish_ = options().supervisor ? goal::rest : goal::stop;
}

// Between two messages: carries out a pending suspend or stop, children first.
void actor_host::settle() {
  if (auto wish = std::exchange(wish_, goal::none); wish != goal::none && phase_ != phase::ending && phase_ != phase::stopped) {
    asked_ = goal::none;
    leaving_for_ = wish;
    const bool was_running = phase_ == phase::running;
    if (was_running) {
      try {
        actor_->stopping();
      } catch (...) {
        // It ends anyway; an exception in stopping() is ignored.
      }
    }
    phase_ = wish == goal::stop ? phase::ending : phase::down;
    ++incarnation_;  // invalidates a restart order that is on its way
    if (downtime_) downtime_->resumes_at = monotonic::max();
    drop_incarnation(wish == goal::stop);
    if (wish == goal::stop) {
      if (downtime_) downtime_->stash.clear();
    } else if (was_running) {
      is_down();
      list(wish == goal::suspend ? "suspended" : "restarting");
    }
  }
  if (has_leaving_children()) return;
  switch (std::exchange(leaving_for_, goal::none)) {
    case goal::none:
      break;
    case goal::rest:
      tell(options().supervisor, child_stopped{me(), false, std::exchange(down().why, {}), last_order()});
      break;
    case goal::suspend:
      tell(options().supervisor, child_suspended{me(), last_order()});
      break;
    case goal::stop:
      phase_ = phase::stopped;
      quit();
      break;
  }
}

// Also called when CAF ends the actor itself, because its last address is gone.
void actor_host::cleanup() {
  phase_ = phase::stopped;
  drop_incarnation(true);
  if (timing_ && timing_->armed != monotonic::max()) sleep_on();
  if (downtime_) downtime_->stash.clear();
  system_.stopped_.fetch_add(1, std::memory_order_relaxed);
  system_.forget(id_, !name().empty());
  if (const auto own = me()) {  // null: nobody has its address, so nobody waits for it
    tell(options().supervisor, child_stopped{own, true, exit_reason::shutdown, last_order()});
    if (parent_) {
      control ended{control::child_ended};
      ended.child = own;
      order(parent_, std::move(ended));
    }
  }
  if (family_) {
    for (auto& w : std::exchange(family_->stop_waiters, {})) w(done{});
  }
  // References between an actor and its parent are a cycle that would keep both in memory.
  make_ = nullptr;
  if (options_) options_->supervisor = {};
  parent_ = {};
}

}  // namespace banyan
